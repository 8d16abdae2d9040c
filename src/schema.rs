//! The JSON schemas of the files of a workspace, compiled once; their errors as findings.
