//! How long a document takes: the whole referral in four scripts, the insert, and the HTML twin.
//!
//! Run with `DUTYLINE_TWIN=FILE` to write the referral's twin for `scripts/bench_weasyprint.py`,
//! which prints the same content with another engine.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dutyline::documents::sample::Sample;
use dutyline::documents::{Page, html, red_book_insert, referral, render};

#[expect(clippy::disallowed_methods, reason = "a bench is told where to write the twin by its environment")]
fn documents(criterion: &mut Criterion) {
    let sample = Sample::new();
    if let Some(file) = std::env::var_os("DUTYLINE_TWIN") {
        std::fs::write(file, html(&referral(&sample.print()))).expect("the twin is written");
    }
    let mut group = criterion.benchmark_group("documents");
    group.throughput(Throughput::Elements(1));
    group.bench_function("referral", |bencher| {
        bencher.iter(|| render(&referral(black_box(&sample.print()))).map(|done| done.pdf.len()).ok());
    });
    group.bench_function("insert", |bencher| {
        bencher.iter(|| {
            let insert = red_book_insert(black_box(&sample.print()), Page::A5Insert);
            render(&insert).map(|done| done.pdf.len()).ok()
        });
    });
    group.bench_function("twin", |bencher| {
        bencher.iter(|| html(&referral(black_box(&sample.print()))).len());
    });
    group.finish();
}

criterion_group!(benches, documents);
criterion_main!(benches);
