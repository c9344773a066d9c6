//! The narrative: one `div` of simple XHTML without anything that acts (R4, `narrative.html#security`).
//!
//! It is read as a stream of tags; no tree is made and nothing is changed.

use super::fault::Markup;

/// The elements that R4 allows, sorted: chapters 7 to 11 of HTML 4 without 9.4 (`ins` and `del`),
/// chapter 15, `a`, `img` and what belongs to an image map.
const ELEMENTS: [&str; 57] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];

/// The attributes that may be used, sorted.
const ATTRIBUTES: [&str; 50] = [
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellhalign",
    "cellpadding",
    "cellspacing",
    "cellvalign",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "color",
    "cols",
    "colspan",
    "compact",
    "coords",
    "datetime",
    "dir",
    "face",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "lang",
    "longdesc",
    "name",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "size",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "title",
    "type",
];
const MORE_ATTRIBUTES: [&str; 9] = [
    "usemap",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "xml:space",
    "xmlns",
    "clear",
];

/// What is wrong with a narrative, if anything.
pub(super) fn fault(text: &str) -> Option<Markup> {
    let mut reader = Reader {
        rest: text.trim(),
        open: Vec::new(),
        seen_root: false,
        has_content: false,
    };
    match reader.run() {
        Err(markup) => Some(markup),
        Ok(()) if !reader.seen_root => Some(Markup::NotDiv),
        Ok(()) if !reader.open.is_empty() => Some(Markup::NotWellFormed),
        Ok(()) if !reader.has_content => Some(Markup::Empty),
        Ok(()) => None,
    }
}

struct Reader<'t> {
    rest: &'t str,
    open: Vec<&'t str>,
    seen_root: bool,
    has_content: bool,
}

impl<'t> Reader<'t> {
    fn run(&mut self) -> Result<(), Markup> {
        while !self.rest.is_empty() {
            if let Some(comment) = self.rest.strip_prefix("<!--") {
                self.rest = comment.split_once("-->").ok_or(Markup::NotWellFormed)?.1;
            } else if let Some(end) = self.rest.strip_prefix("</") {
                self.close(end)?;
            } else if let Some(tag) = self.rest.strip_prefix('<') {
                self.start(tag)?;
            } else {
                self.text()?;
            }
        }
        Ok(())
    }

    fn text(&mut self) -> Result<(), Markup> {
        let end = self.rest.find('<').unwrap_or(self.rest.len());
        let (text, rest) = self
            .rest
            .split_at_checked(end)
            .ok_or(Markup::NotWellFormed)?;
        self.rest = rest;
        if self.open.is_empty() && !text.trim().is_empty() {
            return Err(Markup::NotDiv);
        }
        self.has_content |= !text.trim().is_empty();
        references(text)
    }

    fn close(&mut self, text: &'t str) -> Result<(), Markup> {
        let (name, rest) = text.split_once('>').ok_or(Markup::NotWellFormed)?;
        self.rest = rest;
        if self.open.pop() == Some(name.trim_end()) {
            Ok(())
        } else {
            Err(Markup::NotWellFormed)
        }
    }

    fn start(&mut self, text: &'t str) -> Result<(), Markup> {
        let end = text.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'));
        let (name, mut rest) = end
            .and_then(|end| text.split_at_checked(end))
            .ok_or(Markup::NotWellFormed)?;
        if self.open.is_empty() && (self.seen_root || name != "div") {
            return Err(Markup::NotDiv);
        }
        if !ELEMENTS.contains(&name) {
            return Err(Markup::Element(name.chars().take(20).collect()));
        }
        let is_root = !self.seen_root;
        self.seen_root = true;
        self.has_content |= name == "img";
        let mut namespace = None;
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>") {
                self.rest = after;
                break;
            }
            if let Some(after) = rest.strip_prefix('>') {
                self.open.push(name);
                self.rest = after;
                break;
            }
            let (attribute, value, after) = attribute(rest)?;
            if attribute == "xmlns" {
                namespace = Some(value);
            }
            rest = after;
        }
        let named = namespace.is_none_or(|n| n == "http://www.w3.org/1999/xhtml");
        if named && (!is_root || namespace.is_some()) {
            Ok(())
        } else {
            Err(Markup::NotDiv)
        }
    }
}

/// Takes `name="value"` off the start.
fn attribute(text: &str) -> Result<(&str, &str, &str), Markup> {
    let (name, after) = text.split_once('=').ok_or(Markup::NotWellFormed)?;
    let name = name.trim_end();
    let after = after.trim_start();
    let quote = after
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))
        .ok_or(Markup::NotWellFormed)?;
    let inner = after.strip_prefix(quote).unwrap_or_default();
    let (value, after) = inner.split_once(quote).ok_or(Markup::NotWellFormed)?;
    if name.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>')) || value.contains('<') {
        return Err(Markup::NotWellFormed);
    }
    if !ATTRIBUTES.contains(&name)
        && !MORE_ATTRIBUTES.contains(&name)
        && !name.starts_with("xmlns:")
    {
        return Err(Markup::Attribute(name.chars().take(20).collect()));
    }
    if matches!(name, "href" | "src" | "cite" | "longdesc") && !is_safe(value) {
        return Err(Markup::Link(value.chars().take(60).collect()));
    }
    if name == "style" && acts(value) {
        return Err(Markup::Attribute("style".to_owned()));
    }
    references(value)?;
    Ok((name, value, after))
}

/// An address whose scheme cannot make a reader's program act.
fn is_safe(address: &str) -> bool {
    let plain: String = address
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect();
    // A reference to a character can spell a scheme that is not seen as one here.
    if plain.replace("&amp;", "").contains('&') {
        return false;
    }
    let Some((scheme, after)) = plain.split_once(':') else {
        return true;
    };
    if scheme.contains(['/', '#', '?']) {
        return true;
    }
    let scheme = scheme.to_ascii_lowercase();
    match scheme.as_str() {
        "http" | "https" | "mailto" | "tel" | "urn" | "ftp" | "cid" => true,
        "data" => after.to_ascii_lowercase().starts_with("image/"),
        _ => false,
    }
}

/// Style that runs something, or fetches from elsewhere.
fn acts(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    let runs = ["javascript:", "expression(", "@import", "behavior:", "\\"];
    let fetched = |rest: &str| {
        let target = rest
            .split(')')
            .next()
            .unwrap_or_default()
            .trim_start_matches(['"', '\'', ' ']);
        !is_safe(target) || (target.contains("//") && !target.starts_with("data:"))
    };
    runs.iter().any(|bad| style.contains(bad)) || style.split("url(").skip(1).any(fetched)
}

/// `&` starts an entity or a character reference, and nothing else.
fn references(text: &str) -> Result<(), Markup> {
    for part in text.split('&').skip(1) {
        let name = part.split_once(';').map_or("", |(name, _)| name);
        let ok = !name.is_empty()
            && name.len() <= 12
            && name
                .strip_prefix('#')
                .unwrap_or(name)
                .bytes()
                .all(|b| b.is_ascii_alphanumeric());
        if !ok {
            return Err(Markup::NotWellFormed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";

    #[test]
    fn simple_text_is_allowed() {
        for inner in [
            "<p>Kari &amp; Ola<br/></p>",
            "<table class='a'><tr><td colspan=\"2\">x</td></tr></table>",
            "<a href=\"https://example.org/x\">x</a> <a href='#note'>y</a> <a href='Patient/1'>z</a>",
            "<img src=\"data:image/png;base64,AA==\" alt=\"x\"/>",
            "<!-- note --> tekst &#160; &nbsp;",
            "<p style=\"color: red\">x</p>",
        ] {
            assert_eq!(fault(&format!("{OPEN}{inner}</div>")), None, "{inner}");
        }
    }

    #[test]
    fn what_acts_is_refused() {
        for inner in [
            "<script>alert(1)</script>",
            "<SCRIPT>x</SCRIPT>",
            "<p onclick=\"x()\">x</p>",
            "<form>x</form>",
            "<a href=\"javascript:x\">x</a>",
            "<a href=\" java\tscript:x\">x</a>",
            "<iframe src='x'/>",
            "<a href=\"&#106;avascript:x\">x</a>",
            "<object data='x'>x</object>",
            "<p style='background:url(//a.no/x)'>x</p>",
            "<a href='data:text/html,x'>x</a>",
            "<svg>x</svg>",
            "<input/>",
        ] {
            assert!(fault(&format!("{OPEN}{inner}</div>")).is_some(), "{inner}");
        }
    }

    #[test]
    fn what_is_not_one_well_formed_div_is_refused() {
        assert_eq!(fault("text"), Some(Markup::NotDiv));
        assert_eq!(fault("<p>x</p>"), Some(Markup::NotDiv));
        assert_eq!(fault("<div>x</div>"), Some(Markup::NotDiv));
        assert_eq!(
            fault(&format!("{OPEN}x</div><div>y</div>")),
            Some(Markup::NotDiv)
        );
        assert_eq!(
            fault(&format!("{OPEN}<p>x</div>")),
            Some(Markup::NotWellFormed)
        );
        assert_eq!(fault(&format!("{OPEN}x")), Some(Markup::NotWellFormed));
        assert_eq!(
            fault(&format!("{OPEN}a & b</div>")),
            Some(Markup::NotWellFormed)
        );
        assert_eq!(fault(&format!("{OPEN} </div>")), Some(Markup::Empty));
    }
}
