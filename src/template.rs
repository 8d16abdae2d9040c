//! Message templates: the minijinja environment, filters, inputs, contexts, errors as findings.
