//! Guests written by hand in the text format: a core module with three functions over a small image of
//! memory, wrapped against the real WIT. What a guest does wrong is said in one line of text.

use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::suite::wrap_suite;

/// What the three functions do; each leaves the address of its answer on the stack.
#[derive(Clone, Copy)]
pub(super) struct Guest {
    pub(super) describe: &'static str,
    pub(super) next: &'static str,
    pub(super) judge: &'static str,
    /// Told apart by this: it becomes part of the component.
    pub(super) salt: u32,
}

/// One requirement, `X-1`; never anything to do; one finding, fulfilled.
pub(super) const GOOD: Guest = Guest {
    describe: "i32.const 2048",
    next: "i32.const 3072",
    judge: "i32.const 3080",
    salt: 0,
};

impl Guest {
    /// The component.
    pub(super) fn component(self) -> Vec<u8> {
        let mut core = wat::parse_str(self.text()).unwrap();
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/wit"))
            .unwrap();
        let world = resolve.select_world(&[package], Some("suite")).unwrap();
        embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8).unwrap();
        wrap_suite(&core).unwrap()
    }

    fn text(self) -> String {
        let Self {
            describe,
            next,
            judge,
            salt,
        } = self;
        let image = image()
            .iter()
            .fold(String::new(), |text, byte| text + &format!("\\{byte:02x}"));
        format!(
            r#"(module
              (memory (export "memory") 2)
              (global $top (mut i32) (i32.const 65536))
              (global $calls (mut i32) (i32.const 0))
              (global $salt i32 (i32.const {salt}))
              (data (i32.const 1024) "{image}")
              (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.set $top (i32.and
                  (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
                  (i32.sub (i32.const 0) (local.get 2))))
                global.get $top
                (global.set $top (i32.add (global.get $top) (local.get 3)))
                (block $enough (loop $grow
                  (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
                  (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
                  (br $grow))))
              (func (export "markedsplass:conformance/checking@1.0.0#describe") (result i32) {describe})
              (func (export "markedsplass:conformance/checking@1.0.0#next") (param i32) (result i32) {next})
              (func (export "markedsplass:conformance/checking@1.0.0#judge") (param i32) (result i32) {judge})
              (func (export "used") (result i32) (i32.add (global.get $calls) (global.get $salt))))"#
        )
    }
}

/// Memory from address 1024 on, laid out by the canonical ABI.
fn image() -> Vec<u8> {
    let mut image = Image(vec![0; 3072]);
    image.0[..3].copy_from_slice(b"X-1");
    image.0[8] = b't';
    image.0[16] = 0xff;
    // The description.
    image.string(2048, WORD);
    image.string(2056, WORD);
    image.text(2064);
    image.pair(2092, 2304, 1);
    // Its requirement.
    image.string(2304, ID);
    image.text(2312);
    image.text(2340);
    image.pair(2368, 0, 0);
    // No actions; one finding; no finding; a finding for another requirement; unreadable lists.
    image.pair(3072, 0, 0);
    image.pair(3080, 3200, 1);
    image.pair(3088, 3200, 0);
    image.pair(3096, 3400, 1);
    image.pair(3104, 0x7fff_0000, 1);
    image.pair(3112, 3600, 1);
    for (at, requirement) in [(3200, ID), (3400, WORD), (3600, BROKEN)] {
        image.string(at, requirement);
        image.text(at + 12);
        image.text(at + 40);
        image.pair(at + 68, 0, 0);
    }
    image.0
}

struct Image(Vec<u8>);

impl Image {
    fn pair(&mut self, at: usize, one: u32, other: u32) {
        self.0[at - 1024..at - 1020].copy_from_slice(&one.to_le_bytes());
        self.0[at - 1020..at - 1016].copy_from_slice(&other.to_le_bytes());
    }

    fn string(&mut self, at: usize, (address, length): (u32, u32)) {
        self.pair(at, address, length);
    }

    /// A text in two languages: nb, no nn, en.
    fn text(&mut self, at: usize) {
        self.string(at, WORD);
        self.string(at + 20, WORD);
    }
}

const ID: (u32, u32) = (1024, 3);
const WORD: (u32, u32) = (1032, 1);
/// A byte that is no UTF-8.
const BROKEN: (u32, u32) = (1040, 1);
