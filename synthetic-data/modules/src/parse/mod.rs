//! Makes a program of files: every state is read, every reference followed, and what is wrong is told
//! with its file and state.

mod action;
mod amount;
mod condition;
mod fields;
mod finding;
mod order;
mod table;
mod transition;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::{Fault, LoadError};
use crate::library::File;
use crate::names::Names;
use crate::program::{Action, Module, ModuleId, Program, State, StateId, Transition};
use action::Around;
use fields::Fields;
use table::{Sheet, Sheets};

/// A file is this large at most.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Where every module begins.
const INITIAL: &str = "Initial";

/// A module as JSON.
struct Source {
    file: String,
    path: String,
    json: Map<String, Value>,
}

pub(crate) fn program(modules: &[File], tables: &[File]) -> Result<Program, LoadError> {
    let mut sources = BTreeMap::new();
    for file in modules {
        let source = source(file)?;
        let name = source.file.clone();
        if sources.insert(source.path.clone(), source).is_some() {
            return Err(in_module(&name, Fault::Twice));
        }
    }
    let paths = sources.keys().cloned().zip((0..).map(ModuleId));
    let paths: BTreeMap<String, ModuleId> = paths.collect();
    let sheets = tables
        .iter()
        .map(|file| (file.name.clone(), Sheet::read(&file.bytes)))
        .collect();
    let mut names = Names::default();
    let mut modules = Vec::with_capacity(sources.len());
    for source in sources.values() {
        modules.push(module(source, &paths, &sheets, &mut names)?);
    }
    for state in modules.iter_mut().flat_map(|one| &mut one.states) {
        state.watched = names.watched.contains(&state.name);
    }
    let tops = paths.iter().filter(|(path, _)| !path.contains('/'));
    let tops: Vec<ModuleId> = tops.map(|(_, id)| *id).collect();
    if tops.is_empty() {
        return Err(LoadError::Empty);
    }
    let program = Program {
        modules,
        tops,
        names,
    };
    refuse_circles(&program)?;
    Ok(program)
}

fn in_module(file: &str, fault: Fault) -> LoadError {
    LoadError::Module {
        file: file.to_owned(),
        fault,
    }
}

fn source(file: &File) -> Result<Source, LoadError> {
    if file.bytes.len() > MOST_BYTES {
        return Err(LoadError::TooLarge {
            file: file.name.clone(),
            most: MOST_BYTES,
        });
    }
    let not_json = |problem: String| LoadError::NotJson {
        file: file.name.clone(),
        problem,
    };
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf");
    let bytes = bytes.unwrap_or(&file.bytes);
    let json: Value = serde_json::from_slice(bytes).map_err(|error| not_json(error.to_string()))?;
    let Value::Object(json) = json else {
        return Err(not_json("it is something else".to_owned()));
    };
    let path = file.name.strip_suffix(".json").unwrap_or(&file.name);
    Ok(Source {
        file: file.name.clone(),
        path: path.to_owned(),
        json,
    })
}

fn module(
    source: &Source,
    paths: &BTreeMap<String, ModuleId>,
    sheets: &Sheets,
    names: &mut Names,
) -> Result<Module, LoadError> {
    let fields = Fields(&source.json);
    let (name, states, initial) =
        outline(fields).map_err(|fault| in_module(&source.file, fault))?;
    let mut around = Around {
        names,
        states: &states,
        modules: paths,
        module: name.unwrap_or(&source.path),
    };
    let objects = source.json.get("states").and_then(Value::as_object);
    let mut made = Vec::new();
    for (name, value) in objects.into_iter().flatten() {
        let state = state(&mut around, sheets, name, value).map_err(|fault| LoadError::State {
            file: source.file.clone(),
            state: name.chars().take(120).collect(),
            fault,
        });
        made.push(state?);
    }
    Ok(Module {
        path: Arc::from(source.path.as_str()),
        initial,
        states: made,
    })
}

type Outline<'a> = (Option<&'a str>, BTreeMap<&'a str, StateId>, StateId);

/// The module's name, its states by name, and the first of them.
fn outline(fields: Fields<'_>) -> Result<Outline<'_>, Fault> {
    if let Some(version) = fields.any("gmf_version") {
        // Versions differ in nothing that is read: both spellings of a quantity are taken in either.
        if !matches!(version.as_f64(), Some(number) if (1.0..3.0).contains(&number)) {
            return Err(Fault::Version(
                version.to_string().chars().take(20).collect(),
            ));
        }
    }
    let states = fields.object("states")?;
    let states = states.ok_or_else(|| fields::missing("states"))?;
    let numbered = states.0.keys().map(String::as_str).zip((0..).map(StateId));
    let numbered: BTreeMap<&str, StateId> = numbered.collect();
    let initial = numbered.get(INITIAL).copied();
    let initial = initial.ok_or_else(|| fields::missing("states.Initial"))?;
    Ok((fields.filled("name")?, numbered, initial))
}

fn state(
    around: &mut Around<'_>,
    sheets: &Sheets,
    name: &str,
    value: &Value,
) -> Result<State, Fault> {
    let fields = Fields::of(value, name)?;
    let action = action::action(around, fields)?;
    let next = match action {
        Action::Terminal => Transition::None,
        Action::Physiology(target) => Transition::Direct(target),
        _ => transition::transition(around, sheets, fields)?,
    };
    Ok(State {
        name: around.names.states.of(name),
        watched: false,
        action,
        next,
    })
}

/// Submodules that call each other in a circle would never return.
fn refuse_circles(program: &Program) -> Result<(), LoadError> {
    let calls = |id: ModuleId| {
        let states = program.module(id).map_or(&[][..], |one| &one.states);
        states.iter().filter_map(|state| match state.action {
            Action::Call(called) => Some(called),
            _ => None,
        })
    };
    // Modules whose calls have all been followed, and the way to the one that is being looked at.
    let mut done = vec![false; program.modules.len()];
    for start in (0..program.modules.len()).map(ModuleId) {
        let mut way = vec![(start, calls(start).collect::<Vec<_>>())];
        while let Some((id, waiting)) = way.last_mut() {
            let Some(called) = waiting.pop() else {
                if let Some(slot) = done.get_mut(id.0) {
                    *slot = true;
                }
                way.pop();
                continue;
            };
            if let Some(begin) = way.iter().position(|(id, _)| *id == called) {
                let circle = way.iter().skip(begin).map(|(id, _)| *id);
                let circle = circle.chain([called]).filter_map(|id| program.module(id));
                let circle: Vec<&str> = circle.map(|module| &*module.path).collect();
                return Err(LoadError::Cycle(circle.join(" → ")));
            }
            if done.get(called.0) == Some(&false) {
                way.push((called, calls(called).collect()));
            }
        }
    }
    Ok(())
}
