//! Where the time of `warroom validate` goes: `cargo bench`.
//!
//! One file from text to typed value, a workspace of 200 playbooks from a folder, and
//! the reports of mistakes. `benches/compare.sh` times the whole program.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use std::hint::black_box;
use std::sync::Arc;

use camino::Utf8Path;
use clap::ValueEnum;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use warroom::diag::Source;
use warroom::lint;
use warroom::model::Playbook;
use warroom::schema::{self, Kind};
use warroom::ui::Style;
use warroom::ui::report::{self, Format};
use warroom::workspace::{self, Directory};
use warroom::yaml;

mod corpus;

/// One playbook: read, then also held against the schema, then also made a value.
fn one_file(criterion: &mut Criterion) {
    let (path, bytes) = corpus::playbook(7);
    let text = String::from_utf8(bytes).unwrap();
    let source = Arc::new(Source::new(path, text));
    let mut group = criterion.benchmark_group("playbook");
    group.throughput(Throughput::Bytes(source.text().len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| yaml::read(black_box(&source)).root.is_some());
    });
    group.bench_function("read and schema", |bencher| {
        bencher.iter(|| {
            let root = yaml::read(black_box(&source)).root.unwrap();
            schema::check(Kind::Playbook, &root, &source).len()
        });
    });
    group.bench_function("read, schema and types", |bencher| {
        bencher.iter(|| {
            let root = yaml::read(black_box(&source)).root.unwrap();
            let findings = schema::check(Kind::Playbook, &root, &source).len();
            let playbook: Playbook = yaml::from_node(&root).unwrap();
            (findings, playbook.checklists.len())
        });
    });
    group.finish();
}

/// A workspace of 200 playbooks from a folder: loaded, checked and linted.
fn workspace_of_200(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    corpus::write(folder.path(), 200, 0).unwrap();
    let files = Directory::new(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
    let today = "2026-11-21".parse().unwrap();
    let mut group = criterion.benchmark_group("workspace of 200");
    group.sample_size(20);
    group.bench_function("load", |bencher| {
        bencher.iter(|| workspace::load(&files).unwrap().files);
    });
    group.bench_function("check", |bencher| {
        bencher.iter(|| workspace::check(&files).unwrap().files);
    });
    group.bench_function("lint", |bencher| {
        bencher.iter(|| lint::run(&files, None, today).unwrap().files);
    });
    group.finish();
}

/// What a file with one mistake of each kind costs to tell.
fn reports(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let kinds = u32::try_from(corpus::FAULTS.len()).unwrap();
    corpus::write(folder.path(), kinds, kinds).unwrap();
    let files = Directory::new(root).unwrap();
    let findings = workspace::load(&files).unwrap().findings;
    let mut group = criterion.benchmark_group("report of every kind of mistake");
    for format in Format::value_variants() {
        let name = format.to_possible_value().unwrap();
        group.bench_function(name.get_name(), |bencher| {
            bencher.iter(|| {
                report::render(black_box(findings.as_slice()), *format, "", Style::PLAIN).len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_file, workspace_of_200, reports);
criterion_main!(benches);
