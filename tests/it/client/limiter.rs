//! How many requests are under way at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use warroom::mattermost::Writer;

use super::fake::{Fake, Reply, wait};

/// Counts who is there at the same time.
#[derive(Debug, Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Crowd {
    /// Stays for a moment.
    fn visit(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(15));
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.most.swap(0, Ordering::SeqCst)
    }
}

#[test]
fn eight_reads_and_four_writes_at_once_and_fewer_after_trouble() {
    let crowd = Arc::new(Crowd::default());
    let ill = Arc::new(AtomicUsize::new(0));
    let (visited, illness) = (Arc::clone(&crowd), Arc::clone(&ill));
    let server = Fake::answering(move |_| {
        visited.visit();
        match illness.load(Ordering::SeqCst) {
            0 => Reply::json(200, r#"{"id":"a","username":"alice"}"#),
            _ => Reply::json(500, r#"{"message":"no"}"#),
        }
    });
    let reader = server.reader();
    let writer = Writer::new(reader.clone());
    let read = |times: usize| wait(join_all((0..times).map(|_| reader.me())));
    assert!(read(30).iter().all(Result::is_ok));
    assert_eq!(crowd.most(), 8);
    let id = "a".into();
    wait(join_all((0..20).map(|_| writer.archive_playbook(&id))));
    assert_eq!(crowd.most(), 4);
    ill.store(1, Ordering::SeqCst);
    // Eight failures of one moment are one piece of news.
    assert!(read(8).iter().all(Result::is_err));
    ill.store(0, Ordering::SeqCst);
    crowd.most();
    read(4);
    assert_eq!(crowd.most(), 4);
    read(60);
    assert_eq!(crowd.most(), 8, "it grew back");
}
