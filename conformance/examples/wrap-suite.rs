//! Wraps a core module that was built for the suite world as a component: `wrap-suite IN OUT`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    let [core, component] = paths.as_slice() else {
        return Err("usage: wrap-suite CORE.wasm COMPONENT.wasm".into());
    };
    std::fs::write(component, conformance::wrap_suite(&std::fs::read(core)?)?)?;
    Ok(())
}
