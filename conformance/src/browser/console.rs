//! Console lines and uncaught exceptions, whoever wrote them.

use serde_json::Value;

use super::network::Network;
use super::wire::{text, text_at};
use crate::suite::wit::{ConsoleLevel, ConsoleMessage, ConsoleOrigin};

/// The message in a DevTools event, if it carries one.
pub(super) fn message(method: &str, params: &Value, network: &Network) -> Option<ConsoleMessage> {
    match method {
        "Runtime.consoleAPICalled" => Some(call(params)),
        "Runtime.exceptionThrown" => Some(exception(params)),
        // The runner's own refusal is recorded as such; its echo in the console is not the app's.
        "Log.entryAdded" if !network.has_refused(text_at(params, "/entry/url")) => {
            Some(entry(params))
        }
        _ => None,
    }
}

fn call(params: &Value) -> ConsoleMessage {
    let arguments = params.get("args").and_then(Value::as_array);
    let words: Vec<String> = arguments.into_iter().flatten().map(shown).collect();
    let frame = params.pointer("/stackTrace/callFrames/0");
    ConsoleMessage {
        level: match text(params, "type") {
            "error" | "assert" => ConsoleLevel::Error,
            "warning" => ConsoleLevel::Warning,
            "debug" => ConsoleLevel::Debug,
            _ => ConsoleLevel::Info,
        },
        origin: ConsoleOrigin::Script,
        text: super::cut(&words.join(" "), MOST),
        url: frame.map(|frame| text(frame, "url").to_owned()),
        line: frame.and_then(|frame| line(frame, "lineNumber")),
    }
}

/// An argument as the console would show it.
fn shown(argument: &Value) -> String {
    match argument.get("value") {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => match text(argument, "description") {
            "" => text(argument, "type").to_owned(),
            description => description.to_owned(),
        },
    }
}

fn exception(params: &Value) -> ConsoleMessage {
    let details = params.get("exceptionDetails").cloned().unwrap_or_default();
    let summary = text(&details, "text");
    let description = match text_at(&details, "/exception/description") {
        "" => details
            .pointer("/exception/value")
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .unwrap_or_default(),
        description => description.to_owned(),
    };
    ConsoleMessage {
        level: ConsoleLevel::Error,
        origin: ConsoleOrigin::Exception,
        text: super::cut(format!("{summary} {description}").trim(), MOST),
        url: some(text(&details, "url")),
        line: line(&details, "lineNumber"),
    }
}

fn entry(params: &Value) -> ConsoleMessage {
    let entry = params.get("entry").cloned().unwrap_or_default();
    let words = text(&entry, "text");
    let origin = match text(&entry, "source") {
        "network" => ConsoleOrigin::Network,
        "security" | "violation" => ConsoleOrigin::Security,
        _ if words.contains("CORS policy") => ConsoleOrigin::Network,
        _ if words.contains("Content Security Policy") => ConsoleOrigin::Security,
        _ => ConsoleOrigin::Other,
    };
    ConsoleMessage {
        level: match text(&entry, "level") {
            "error" => ConsoleLevel::Error,
            "warning" => ConsoleLevel::Warning,
            "verbose" => ConsoleLevel::Debug,
            _ => ConsoleLevel::Info,
        },
        origin,
        text: super::cut(words, MOST),
        url: some(text(&entry, "url")),
        line: line(&entry, "lineNumber"),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// DevTools counts lines from 0; people from 1.
fn line(value: &Value, member: &str) -> Option<u32> {
    let zero_based = value.get(member).and_then(Value::as_u64)?;
    u32::try_from(zero_based.saturating_add(1)).ok()
}

const MOST: usize = 4096;
