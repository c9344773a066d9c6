//! Probe.
use std::time::Instant;
use synthetic_data::{Dataset, Settings};
fn main() {
    let d = Dataset::new(Settings { size: 5000, ..Settings::default_on("2026-11-21".parse().unwrap()) }).unwrap();
    let t = Instant::now();
    for i in 0..2000 { std::hint::black_box(d.person(i)); }
    println!("person {:?}", t.elapsed() / 2000);
    let t = Instant::now();
    for i in 0..2000 { if let Some(p) = d.person(i) { std::hint::black_box(d.history(&p)); } }
    println!("history {:?}", t.elapsed() / 2000);
    let t = Instant::now();
    let (mut n, mut b, mut worst) = (0, 0, vec![]);
    for i in 0..2000 { let s = Instant::now(); let r = d.resources(i); worst.push(s.elapsed()); n += r.len(); b += r.iter().map(|r| r.json.len()).sum::<usize>(); }
    println!("resources {:?} {} {}", t.elapsed() / 2000, n / 2000, b / 2000);
    worst.sort();
    println!("p99 {:?} max {:?}", worst[1980], worst[1999]);
}
