//! How long a look-up takes: packed key to district, and the whole decision with its sentence.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dutyline::domain::postcode::{Postcode, PostcodeInput};
use dutyline::routing::localities::Localities;
use dutyline::routing::route::route;
use dutyline::routing::table::Table;

const KENT: &str = include_str!("../data/kent_postcodes.csv");

/// Every seventeenth shipped postcode, in an order that no cache guesses.
fn sample() -> Vec<Postcode> {
    let mut all: Vec<Postcode> = KENT
        .lines()
        .skip(1)
        .step_by(17)
        .filter_map(|line| line.split(',').next())
        .filter_map(|text| Postcode::parse(text).ok())
        .collect();
    all.sort_by_key(|postcode| postcode.pack().wrapping_mul(2_654_435_761));
    all
}

fn routing(criterion: &mut Criterion) {
    let (table, localities, postcodes) = (Table::kent(), Localities::kent(), sample());
    let mut group = criterion.benchmark_group("routing");
    group.throughput(Throughput::Elements(postcodes.len() as u64));
    group.bench_function("find", |bencher| {
        bencher
            .iter(|| postcodes.iter().filter(|postcode| table.find(black_box(postcode)).is_some()).count());
    });
    let inputs: Vec<PostcodeInput> = postcodes.iter().cloned().map(PostcodeInput::Given).collect();
    group.bench_function("route", |bencher| {
        bencher.iter(|| {
            inputs
                .iter()
                .filter(|input| route(table, localities, black_box(input)).locality.is_some())
                .count()
        });
    });
    group.bench_function("load", |bencher| {
        bencher.iter(|| Table::from_csv(black_box(KENT.as_bytes()), "bench").map(|table| table.len()).ok());
    });
    group.finish();
}

criterion_group!(benches, routing);
criterion_main!(benches);
