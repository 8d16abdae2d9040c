//! What is wrong with a file, as values: findings, codes, levels, sources, spans.
