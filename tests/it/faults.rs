//! Every fault at every kind of write that `sync` makes.
//!
//! A cell is one fault at one request of one sync. After it and one more sync there is
//! no duplicate, nothing is lost, and the server holds what it would hold without the
//! fault; and the first run told the truth. The kinds are a table: a test compares it
//! with the methods of the trait `Writing`, so that no kind can be forgotten.

mod cell;
mod kinds;

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use warroom::clock::Clock;

use cell::check;
use kinds::{KINDS, UNUSED, WITHOUT_CELLS};

/// A clock that goes on with every look at it, so that what was edited can be told.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let millis = self.0.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_millisecond(1_795_262_400_000 + millis).unwrap()
    }
}

macro_rules! matrix {
    ($($kind:ident)*) => {
        $(#[test]
        fn $kind() {
            check(stringify!($kind));
        })*

        const TESTED: &[&str] = &[$(stringify!($kind)),*];
    };
}

matrix! {
    create
    fill
    update
    archive
    restore
    create_attribute
    replace_attribute
    move_attribute
    delete_attribute
    begin
    create_condition
    delete_condition
    remember
    forget
    release
    post
}

#[test]
fn every_kind_of_the_table_is_tested() {
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(kinds, TESTED);
}

#[test]
fn every_write_that_sync_can_make_is_in_the_table() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sync");
    let site = std::fs::read_to_string(format!("{folder}/site.rs")).unwrap();
    let writing = site.split("pub trait Writing").nth(1).unwrap();
    let writing = writing.split("\n}").next().unwrap();
    let methods: Vec<&str> = writing
        .split("async fn ")
        .skip(1)
        .map(|rest| rest.split('(').next().unwrap())
        .collect();
    assert!(methods.len() >= 14, "{methods:?}");
    let code = code_of(folder.as_ref());
    for method in methods {
        let called = code.contains(&format!("site.{method}("))
            || code.contains(&format!("site\n            .{method}("));
        let listed = KINDS.iter().any(|kind| kind.method == method);
        let unused = UNUSED.contains(&method);
        if WITHOUT_CELLS.contains(&method) {
            assert!(called && !listed && !unused, "{method}");
            continue;
        }
        assert!(
            listed != unused,
            "`{method}` belongs into the table of kinds, or into the list of what sync never calls"
        );
        assert!(
            !(unused && called),
            "`{method}` is called: it needs a kind of its own"
        );
    }
}

/// All code of sync but the stand-in of its own tests.
fn code_of(folder: &std::path::Path) -> String {
    let mut code = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if ["world", "laws", "site", "recorded"].contains(&name) {
            continue;
        }
        if path.is_dir() {
            code.push_str(&code_of(&path));
        } else {
            code.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    code
}
