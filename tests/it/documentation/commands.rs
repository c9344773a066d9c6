//! Every command and flag.

use std::collections::{BTreeMap, BTreeSet};

use super::{page, said};

/// The words of a help text that begin its lines below a heading.
fn listed(help: &str, heading: &str) -> Vec<String> {
    let after = help.split_once(heading).map_or("", |(_, after)| after);
    after
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|word| word != "help")
        .collect()
}

/// The long flags that a text names, without those of every command.
fn flags(text: &str) -> BTreeSet<String> {
    let known = ["--help", "--version", "--config", "--set"];
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.len() > 3 && word.starts_with("--") && !known.contains(word))
        .map(str::to_owned)
        .collect()
}

/// Only the lines of a help text that begin with a flag: the rest are explanations.
fn flags_of_help(help: &str) -> BTreeSet<String> {
    let begins = |line: &&str| line.trim_start().starts_with('-');
    let lines: Vec<&str> = help
        .lines()
        .filter(begins)
        .filter_map(|line| line.trim_start().split("  ").next())
        .collect();
    flags(&lines.join("\n"))
}

#[test]
fn every_command_and_flag_stands_in_the_book_and_no_other() {
    let text = page("reference/command-line.md");
    let help = said(&["--help"]);
    for flag in ["--config", "--set"] {
        assert!(
            help.contains(flag) && text.contains(&format!("`{flag} ")),
            "{flag}"
        );
    }
    let sections: BTreeMap<&str, &str> = text
        .split("\n## `")
        .skip(1)
        .map(|section| {
            let name = section.split(['`', ' ']).next().unwrap();
            (name, section)
        })
        .collect();
    let commands = listed(&help, "Commands:");
    assert!(commands.len() > 5, "{help}");
    let told: Vec<String> = sections.keys().map(|name| (*name).to_owned()).collect();
    let known: BTreeSet<String> = commands.iter().cloned().collect();
    assert_eq!(told, known.into_iter().collect::<Vec<_>>());
    for command in &commands {
        let section = sections[command.as_str()];
        let help = said(&[command, "--help"]);
        let mut known = flags_of_help(&help);
        for inner in listed(&help, "Commands:") {
            assert!(
                section.contains(&format!("| `{command} {inner}`")),
                "{command} {inner}"
            );
            known.extend(flags_of_help(&said(&[command, &inner, "--help"])));
        }
        let table: Vec<&str> = section
            .lines()
            .filter(|line| line.starts_with('|'))
            .collect();
        let rule = "|---|---|";
        let told = flags(&table.join("\n").replace(rule, ""));
        assert_eq!(told, known, "the flags of {command}");
    }
}
