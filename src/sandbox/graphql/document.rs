//! Reading of a GraphQL document with one operation.
//!
//! Owns the little of the grammar that clients of the plugin use: one operation,
//! declared variables, arguments that are variables or plain values, nested fields.

use serde_json::Value;

/// One operation.
#[derive(Debug, PartialEq)]
pub(super) struct Document {
    /// Names of the variables that it declares.
    pub(super) variables: Vec<String>,
    /// The fields that it asks for.
    pub(super) fields: Vec<Field>,
}

/// A field with what it is asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Argument)>,
    pub(super) fields: Vec<Field>,
}

/// The value of an argument.
#[derive(Debug, PartialEq)]
pub(super) enum Argument {
    Variable(String),
    Literal(Value),
}

/// Reads a document; `None` when it is none, or not of this kind.
pub(super) fn read(text: &str) -> Option<Document> {
    let tokens = tokens(text)?;
    let mut reader = Reader {
        tokens: &tokens,
        place: 0,
    };
    let document = reader.document()?;
    (reader.place == tokens.len()).then_some(document)
}

/// Words, strings with their quotes, and single signs.
fn tokens(text: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c.is_whitespace() || c == ',' {
            continue;
        }
        let mut token = c.to_string();
        if c == '#' {
            while letters.next_if(|c| *c != '\n').is_some() {}
            continue;
        } else if c == '"' {
            loop {
                let next = letters.next()?;
                token.push(next);
                match next {
                    '\\' => token.push(letters.next()?),
                    '"' => break,
                    _ => {}
                }
            }
        } else if is_word(c) {
            while let Some(next) = letters.next_if(|c| is_word(*c)) {
                token.push(next);
            }
        }
        tokens.push(token);
    }
    Some(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_-.".contains(c)
}

struct Reader<'t> {
    tokens: &'t [String],
    place: usize,
}

impl Reader<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.place).map_or("", String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.place)?.clone();
        self.place += 1;
        Some(token)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = self.peek() == sign;
        self.place += usize::from(found);
        found
    }

    fn document(&mut self) -> Option<Document> {
        let mut variables = Vec::new();
        if self.peek() != "{" {
            self.next()?;
            if !["(", "{"].contains(&self.peek()) {
                self.next()?;
            }
            if self.takes("(") {
                while !self.takes(")") {
                    if self.next()? == "$" {
                        variables.push(self.next()?);
                    }
                }
            }
        }
        let fields = self.fields()?;
        Some(Document { variables, fields })
    }

    fn fields(&mut self) -> Option<Vec<Field>> {
        if !self.takes("{") {
            return None;
        }
        let mut fields = Vec::new();
        while !self.takes("}") {
            fields.push(self.field()?);
        }
        Some(fields)
    }

    fn field(&mut self) -> Option<Field> {
        let name = self.next()?;
        let mut arguments = Vec::new();
        if self.takes("(") {
            while !self.takes(")") {
                let name = self.next()?;
                if !self.takes(":") {
                    return None;
                }
                arguments.push((name, self.argument()?));
            }
        }
        let fields = if self.peek() == "{" {
            self.fields()?
        } else {
            Vec::new()
        };
        Some(Field {
            name,
            arguments,
            fields,
        })
    }

    fn argument(&mut self) -> Option<Argument> {
        if self.takes("$") {
            return self.next().map(Argument::Variable);
        }
        let value = serde_json::from_str(&self.next()?).ok()?;
        Some(Argument::Literal(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_taken_apart() {
        let document =
            read("query Q($id: String!) { run(id: $id, first: 5) { id owner { name } } }").unwrap();
        assert_eq!(document.variables, ["id"]);
        let run = &document.fields[0];
        assert_eq!(run.arguments[0].1, Argument::Variable("id".to_owned()));
        assert_eq!(run.arguments[1].1, Argument::Literal(5.into()));
        assert_eq!(run.fields[1].fields[0].name, "name");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        assert_eq!(read("query {"), None);
        assert_eq!(read("###"), None);
    }
}
