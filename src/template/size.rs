//! How large the tags of a template may be, before anything parses them.
//!
//! The parser, the walks over its tree and even dropping the tree call themselves once
//! for each operator: a long enough tag would end the process. Owns the limits that
//! make the tree shallow; counts tokens only, and so needs no tree itself.

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::check::within;
use super::problem::TemplateProblem;

/// How many words, signs and values one tag may have.
const MOST_TOKENS: usize = 200;

/// How many `elif` a template may have: each nests into the one before.
const MOST_BRANCHES: usize = 100;

/// How deep brackets and blocks may nest.
const MOST_NESTED: usize = 32;

/// The first tag that is too large; `body` is where the template begins in `text`.
pub(super) fn check(text: &str, body: usize) -> Result<(), TemplateProblem> {
    let (mut tokens, mut branches, mut brackets, mut blocks) = (0, 0, 0_usize, 0_usize);
    // What cannot be taken apart is for the parser to report: it reads no further either.
    for (token, span) in
        tokenize(&text[body..], false, SyntaxConfig::default()).map_while(Result::ok)
    {
        let place = || {
            let range = body + span.start_offset as usize..body + span.end_offset as usize;
            within(text, range)
        };
        match token {
            Token::TemplateData(_) | Token::VariableStart | Token::BlockStart => {
                (tokens, brackets) = (0, 0);
                continue;
            }
            Token::Ident("elif") if tokens == 0 => branches += 1,
            Token::Ident("if" | "for" | "with") if tokens == 0 => blocks += 1,
            Token::Ident(word) if tokens == 0 && word.starts_with("end") => {
                blocks = blocks.saturating_sub(1);
            }
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => brackets += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                brackets = brackets.saturating_sub(1);
            }
            _ => {}
        }
        tokens += 1;
        if tokens > MOST_TOKENS {
            let message = format!(
                "this is too complicated: at most {MOST_TOKENS} words, signs and values are allowed between two braces"
            );
            return Err(TemplateProblem::syntax(message, place())
                .help("take it apart with `set`, or write it as several"));
        }
        if brackets > MOST_NESTED || blocks > MOST_NESTED {
            let message = format!("this is nested too deep: the limit is {MOST_NESTED}");
            return Err(TemplateProblem::syntax(message, place())
                .help("take it apart with `set`, or write several templates"));
        }
        if branches > MOST_BRANCHES {
            let message = format!("a template may use `elif` {MOST_BRANCHES} times");
            return Err(TemplateProblem::syntax(message, place())
                .help("look the value up in a map, or write several templates"));
        }
    }
    Ok(())
}
