//! From a finished incident to documents in git: collect, facts, render.
