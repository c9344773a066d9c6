//! Server-sent events (HTML Living Standard §9.2) as far as status lists are sent with them: `id` and
//! `data` of each event, within a bound on what is kept in memory.

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// `id`.
    pub(crate) id: Option<String>,
    /// `data`, its lines joined.
    pub(crate) data: String,
}

/// Reads events out of bytes that come in pieces.
#[derive(Debug)]
pub(crate) struct Reader {
    limit: usize,
    line: Vec<u8>,
    /// The last byte ended a line with a carriage return: a line feed now is part of that end.
    returned: bool,
    event: Event,
    has_data: bool,
}

/// More than an event may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Reader {
    /// A reader of events whose data is no longer than this.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            returned: false,
            event: Event::default(),
            has_data: false,
        }
    }

    /// The events that these bytes bring to an end.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for byte in bytes {
            let after_return = std::mem::replace(&mut self.returned, *byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ if self.line.len() > self.limit + LONGEST_NAME => return Err(TooLong),
                _ => self.line.push(*byte),
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<Event>, TooLong> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        if self.event.data.len() > self.limit {
            return Err(TooLong);
        }
        Ok(None)
    }
}

/// Room for a field's name.
const LONGEST_NAME: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<Event> {
        Reader::new(64).push(text.as_bytes()).unwrap()
    }

    fn event(id: Option<&str>, data: &str) -> Event {
        Event {
            id: id.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_read_with_any_line_ends_and_comments_are_not_events() {
        let expected = [event(Some("7"), "abc"), event(None, "d\ne")];
        let text = ": hello\n\nid: 7\nevent: status\ndata: abc\n\n:\n\ndata:d\ndata: e\n\n";
        assert_eq!(read(text), expected);
        assert_eq!(read(&text.replace('\n', "\r\n")), expected);
        assert_eq!(read(&text.replace('\n', "\r")), expected);
        assert_eq!(read("data: cut off"), []);
        assert_eq!(read("id: 8\n\n"), []);
    }

    #[test]
    fn an_event_without_an_end_is_not_kept_for_ever() {
        let mut reader = Reader::new(64);
        assert_eq!(reader.push(&[b'x'; 200]), Err(TooLong));
        let mut reader = Reader::new(64);
        assert_eq!(
            reader.push("data: 1234567890\n".repeat(9).as_bytes()),
            Err(TooLong)
        );
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(text in "(data|id|x|:|\r|\n|\r\n| |a){0,40}", cut in 0_usize..40) {
            let whole = Reader::new(64).push(text.as_bytes());
            let cut = cut.min(text.len());
            let mut reader = Reader::new(64);
            let (first, second) = text.as_bytes().split_at(cut);
            let pieces = reader.push(first).and_then(|mut events| {
                events.extend(reader.push(second)?);
                Ok(events)
            });
            prop_assert_eq!(whole, pieces);
        }
    }
}
