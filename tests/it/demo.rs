//! The demo: the whole product in one run, and its whole output as a snapshot.

use crate::support::Warroom;
use warroom::exit::ExitStatus;

#[test]
fn the_demo_tells_its_story_to_the_end() {
    let here = Warroom::new();
    let ran = here.run(&["demo", "--dir", "demo"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}\n{}", ran.out, ran.err);
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:[1-9][0-9]*", "[SANDBOX]"),
        (r"\b[0-9a-f]{7}\b", "[COMMIT]"),
        (r"\b[ybndrfg8ejkmcpqxot1uwisza345h769]{26}\b", "[ID]"),
        (r"-[a-z0-9]{6}([/`])", "-[ID]$1"),
    ]}, {
        insta::assert_snapshot!(ran.out);
    });
}

#[test]
fn the_demo_overwrites_nothing() {
    let here = Warroom::new().file("demo/mine.txt", "mine");
    let ran = here.run(&["demo", "--dir", "demo"]);
    assert_eq!(ran.status, ExitStatus::Refused);
    insta::assert_snapshot!(ran.err, @r"
    error: `[ROOT]/demo` is not empty
    help: name a new folder: the demo overwrites nothing
    ");
    assert_eq!(here.root().join("demo").read_dir_utf8().unwrap().count(), 1);
}
