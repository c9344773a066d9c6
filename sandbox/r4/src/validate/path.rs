//! Where in a resource the walker is. A path is written out only when there is something to say.

/// A step from the outermost resource inwards; each lives on the stack of the walker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'p> {
    parent: Option<&'p Self>,
    name: &'p str,
    index: Option<usize>,
    depth: usize,
}

impl<'p> Path<'p> {
    pub(super) fn root(name: &'p str) -> Self {
        Self {
            parent: None,
            name,
            index: None,
            depth: 1,
        }
    }

    pub(super) fn child(&'p self, name: &'p str, index: Option<usize>) -> Self {
        Path {
            parent: Some(self),
            name,
            index,
            depth: self.depth + 1,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn name(&self) -> &'p str {
        self.name
    }

    pub(super) fn parent_name(&self) -> &'p str {
        self.parent.map_or("", |parent| parent.name)
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(parent) = self.parent {
            write!(out, "{parent}.")?;
        }
        out.write_str(self.name)?;
        self.index.map_or(Ok(()), |index| write!(out, "[{index}]"))
    }
}
