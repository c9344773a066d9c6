//! The report as one HTML page: a table a group, each row with a small plot of target, value and
//! interval. No script, no foreign address.

use std::fmt::Write as _;

use super::row::{Row, Target, Verdict};
use super::{ABSENT, Check, Report};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;\
padding:0 1rem;color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%;\
margin-bottom:2rem}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;\
vertical-align:middle}td.n{text-align:right;font-variant-numeric:tabular-nums}caption{text-align:left;\
font-weight:600;font-size:1.15rem;padding:.4rem 0}.within{color:#0a5c36}.near{color:#7a4a00}\
.out{color:#a11212;font-weight:600}.unsure{color:#555}.wide{overflow-x:auto}";

pub(super) fn render(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"nb\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Kalibrering av syntetiske data</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Kalibrering av syntetiske data</h1>\n<p>{} personer, frø {}, per {}. Intervallene er på \
         99 prosent. Streken viser det publiserte tallet, punktet vårt.</p>\n",
        report.people, report.seed, report.as_of
    );
    summary(&mut page, report);
    let mut rest = report.rows.as_slice();
    while let Some(first) = rest.first() {
        let length = rest
            .iter()
            .take_while(|row| row.group == first.group)
            .count();
        let (group, after) = rest.split_at(length);
        table(&mut page, first.group, group);
        rest = after;
    }
    rules(&mut page, &report.checks);
    page.push_str("<h2>Ikke med</h2>\n<ul>\n");
    for absent in ABSENT {
        let _ = writeln!(page, "<li>{}</li>", escape(absent));
    }
    page.push_str("</ul>\n</body>\n</html>\n");
    page
}

fn summary(page: &mut String, report: &Report) {
    let count = |verdict| {
        let rows = report.rows.iter().filter(|row| row.verdict() == verdict);
        rows.count()
    };
    let broken = report
        .checks
        .iter()
        .filter(|check| check.broken > 0)
        .count();
    let _ = writeln!(
        page,
        "<p>{} rader er innenfor, {} nær, {} utenfor, {} har for få personer. {} av {} faste regler \
         er brutt.</p>",
        count(Verdict::Within),
        count(Verdict::Near),
        count(Verdict::Out),
        count(Verdict::Unsure),
        broken,
        report.checks.len()
    );
}

fn table(page: &mut String, title: &str, rows: &[Row]) {
    let _ = write!(
        page,
        "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">Hva</th>\
         <th scope=\"col\">Publisert</th><th scope=\"col\">Her</th><th scope=\"col\">Intervall</th>\
         <th scope=\"col\">Plott</th><th scope=\"col\">Vurdering</th><th scope=\"col\">Kilde</th></tr>\
         </thead>\n<tbody>\n",
        escape(title)
    );
    for row in rows {
        let (low, high) = row.interval;
        let verdict = row.verdict();
        let value = row.value.map_or_else(|| "-".to_owned(), number);
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{value} {}</td>\
             <td class=\"n\">{} til {}</td><td>{}</td><td class=\"{}\">{}</td><td>{}</td></tr>",
            escape(&row.name),
            target(row.target),
            row.unit,
            number(low),
            number(high),
            plot(row),
            verdict.code(),
            verdict.word(),
            escape(row.source)
        );
    }
    page.push_str("</tbody>\n</table></div>\n");
}

/// A line from nought to a little beyond the largest of target and interval.
fn plot(row: &Row) -> String {
    let (low, high) = row.interval;
    let (from, to) = match row.target {
        Target::Value(value) => (value, value),
        Target::Between(from, to) => (from, to),
    };
    // A target without upper end is drawn to the edge.
    let most = if to >= 100.0 && high < 50.0 {
        from.max(high)
    } else {
        to.max(high)
    } * 1.15;
    let place = |value: f64| (value / most.max(1e-9) * 150.0).clamp(0.0, 150.0) + 5.0;
    let dot = row.value.map_or(0.0, place);
    format!(
        "<svg width=\"160\" height=\"18\" role=\"img\" aria-label=\"publisert {}, her {}\">\
         <line x1=\"5\" y1=\"9\" x2=\"155\" y2=\"9\" stroke=\"#ccc\"/>\
         <rect x=\"{:.1}\" y=\"2\" width=\"{:.1}\" height=\"14\" fill=\"#345\" opacity=\".55\"/>\
         <line x1=\"{:.1}\" y1=\"9\" x2=\"{:.1}\" y2=\"9\" stroke=\"#0b62a4\" stroke-width=\"4\"/>\
         <circle cx=\"{dot:.1}\" cy=\"9\" r=\"4\" fill=\"#0b62a4\"/></svg>",
        target(row.target),
        row.value.map_or_else(|| "-".to_owned(), number),
        place(from),
        (place(to) - place(from)).max(2.0),
        place(low),
        place(high)
    )
}

fn rules(page: &mut String, checks: &[Check]) {
    page.push_str(
        "<table>\n<caption>Faste regler</caption>\n<thead><tr><th scope=\"col\">Regel</th>\
         <th scope=\"col\">Undersøkt</th><th scope=\"col\">Brutt</th><th scope=\"col\">Eksempel</th>\
         </tr></thead>\n<tbody>\n",
    );
    for check in checks {
        let class = if check.broken > 0 { "out" } else { "within" };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n {class}\">{}</td>\
             <td>{}</td></tr>",
            escape(check.rule),
            check.examined,
            check.broken,
            check.example.as_deref().unwrap_or("")
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

fn target(target: Target) -> String {
    match target {
        Target::Value(value) => number(value),
        Target::Between(from, to) => format!("{} til {}", number(from), number(to)),
    }
}

/// A number with a decimal comma: two decimals below ten, one above.
fn number(value: f64) -> String {
    let text = if value.abs() < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.1}")
    };
    text.replace('.', ",")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
