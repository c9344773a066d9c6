//! Reads a rendered page strictly and says what is wrong with it: every tag closed in order,
//! unique ids, a label on every input, headings in order, nothing inline that the policy forbids.

#![expect(
    clippy::string_slice,
    reason = "every place is found in the text itself, beside an ASCII character"
)]

use std::collections::{BTreeMap, BTreeSet};

/// Elements without an end tag (HTML Living Standard §13.1.2).
const VOID: [&str; 8] = ["area", "br", "hr", "img", "input", "link", "meta", "use"];

#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    is_end: bool,
    /// Names of the open elements round it.
    within: Vec<String>,
}

/// Panics with the first thing that is wrong with a page.
pub(super) fn check(place: &str, html: &str, language: &str) {
    let tags = tags(place, html);
    let starts: Vec<&Tag> = tags.iter().filter(|tag| !tag.is_end).collect();
    let ids = ids(place, &starts);
    assert_eq!(
        attribute(&starts, "html", "lang"),
        Some(language),
        "{place}: lang"
    );
    headings(place, &starts);
    inputs(place, &starts, &ids);
    for tag in &starts {
        forbidden(place, tag);
        references(place, tag, &ids);
    }
    for name in ["header", "main", "footer", "h1", "title"] {
        let count = starts
            .iter()
            .filter(|tag| tag.name == name && !tag.within.contains(&"svg".to_owned()))
            .count();
        assert_eq!(count, 1, "{place}: {name}");
    }
    for unwanted in ["{{", "{%", "undefined", "None</", ">null<"] {
        assert!(!html.contains(unwanted), "{place}: {unwanted}");
    }
}

fn tags(place: &str, html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(!text.contains('>'), "{place}: a bare > in {text:?}");
        rest = &rest[start + 1..];
        let end = rest
            .find('>')
            .unwrap_or_else(|| panic!("{place}: a tag is not closed"));
        let inside = &rest[..end];
        rest = &rest[end + 1..];
        if inside.starts_with('!') {
            continue;
        }
        let mut tag = read(place, inside);
        if tag.is_end {
            let last = open.pop();
            assert_eq!(
                last.as_deref(),
                Some(tag.name.as_str()),
                "{place}: closed out of order after {:?}",
                tags.last()
            );
        } else {
            tag.within.clone_from(&open);
            if !VOID.contains(&tag.name.as_str()) || tag.name == "use" {
                open.push(tag.name.clone());
            }
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "{place}: left open {open:?}");
    tags
}

fn read(place: &str, inside: &str) -> Tag {
    let (is_end, inside) = match inside.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let (name, mut rest) = inside
        .split_once(char::is_whitespace)
        .unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix("=\"") {
            let close = after
                .find('"')
                .unwrap_or_else(|| panic!("{place}: {inside}"));
            after[..close].clone_into(&mut value);
            rest = &after[close + 1..];
        }
        assert!(
            key.chars()
                .all(|c| c.is_ascii_lowercase() || c == '-' || c == ':'),
            "{place}: odd attribute {key:?} in <{inside}>"
        );
        assert!(
            attributes.insert(key, value).is_none(),
            "{place}: twice in <{inside}>"
        );
    }
    Tag {
        name: name.to_owned(),
        attributes,
        is_end,
        within: Vec::new(),
    }
}

fn attribute<'a>(tags: &[&'a Tag], name: &str, key: &str) -> Option<&'a str> {
    let tag = tags.iter().find(|tag| tag.name == name)?;
    tag.attributes.get(key).map(String::as_str)
}

fn ids(place: &str, tags: &[&Tag]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| tag.attributes.get("id")) {
        assert!(!id.is_empty() && !id.contains(' '), "{place}: id {id:?}");
        assert!(ids.insert(id.clone()), "{place}: id {id} twice");
    }
    ids
}

fn headings(place: &str, tags: &[&Tag]) {
    let mut last = 0;
    for tag in tags {
        let mut letters = tag.name.chars();
        let (Some('h'), Some(level), None) = (letters.next(), letters.next(), letters.next())
        else {
            continue;
        };
        let Some(level) = level.to_digit(10) else {
            continue;
        };
        // The footer begins anew below the page's own h1.
        let is_footer = tag.within.contains(&"footer".to_owned());
        assert!(
            level <= last + 1 || is_footer,
            "{place}: h{level} after h{last}"
        );
        last = level;
    }
}

fn inputs(place: &str, tags: &[&Tag], ids: &BTreeSet<String>) {
    let labelled: BTreeSet<&str> = tags
        .iter()
        .filter(|tag| tag.name == "label")
        .filter_map(|tag| tag.attributes.get("for"))
        .map(String::as_str)
        .collect();
    for target in &labelled {
        assert!(
            ids.contains(*target),
            "{place}: a label of nothing: {target}"
        );
    }
    for tag in tags {
        if !["input", "select", "textarea"].contains(&tag.name.as_str())
            || tag
                .attributes
                .get("type")
                .is_some_and(|kind| kind == "hidden")
        {
            continue;
        }
        let id = tag
            .attributes
            .get("id")
            .map(String::as_str)
            .unwrap_or_default();
        assert!(labelled.contains(id), "{place}: no label on {tag:?}");
        assert!(
            tag.attributes.contains_key("name"),
            "{place}: no name on {tag:?}"
        );
    }
    let posts = tags.iter().filter(|tag| {
        tag.name == "form"
            && tag
                .attributes
                .get("method")
                .is_some_and(|method| method == "post")
    });
    let tokens = tags.iter().filter(|tag| {
        tag.attributes
            .get("name")
            .is_some_and(|name| name == "form_token")
    });
    assert_eq!(
        posts.count(),
        tokens.count(),
        "{place}: a form without its token"
    );
}

fn forbidden(place: &str, tag: &Tag) {
    for key in tag.attributes.keys() {
        assert!(
            key != "style" && !key.starts_with("on"),
            "{place}: inline {key} on {tag:?}"
        );
    }
    assert!(tag.name != "style", "{place}: an inline style sheet");
    if tag.name == "script" {
        assert!(
            tag.attributes.contains_key("src"),
            "{place}: an inline script"
        );
        assert!(
            tag.attributes.contains_key("nonce"),
            "{place}: a script without nonce"
        );
    }
    if ["img", "link", "script"].contains(&tag.name.as_str()) {
        let source = tag
            .attributes
            .get("src")
            .or_else(|| tag.attributes.get("href"));
        assert!(
            source.is_some_and(|source| source.starts_with('/')),
            "{place}: another host in {tag:?}"
        );
    }
    if tag.name == "img" {
        assert!(
            tag.attributes.contains_key("alt"),
            "{place}: no alt on {tag:?}"
        );
    }
    if tag.name == "th" {
        assert!(
            tag.attributes.contains_key("scope"),
            "{place}: no scope on {tag:?}"
        );
    }
}

fn references(place: &str, tag: &Tag, ids: &BTreeSet<String>) {
    for key in ["aria-describedby", "aria-labelledby"] {
        let targets = tag.attributes.get(key).map_or("", String::as_str);
        for target in targets.split_whitespace() {
            assert!(
                ids.contains(target),
                "{place}: {key} names {target}, which is not there"
            );
        }
    }
    if let Some(target) = tag
        .attributes
        .get("href")
        .and_then(|href| href.strip_prefix('#'))
    {
        assert!(
            ids.contains(target),
            "{place}: a link to #{target}, which is not there"
        );
    }
}

#[test]
#[should_panic(expected = "no label")]
fn an_input_without_label_is_seen() {
    inputs(
        "x",
        &tags("x", "<input id=\"a\" name=\"a\">")
            .iter()
            .collect::<Vec<_>>(),
        &BTreeSet::new(),
    );
}

#[test]
#[should_panic(expected = "out of order")]
fn a_wrong_nesting_is_seen() {
    tags("x", "<p><b></p></b>");
}
