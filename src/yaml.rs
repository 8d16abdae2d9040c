//! YAML text into a tree with byte spans, and that tree into typed values.
