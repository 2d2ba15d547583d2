//! Makes, counts and frees many binary trees: the allocator, recursion and memory all over the place.

use std::io::{self, Write};

const SHALLOWEST: u32 = 4;

struct Tree {
    children: Option<(Box<Tree>, Box<Tree>)>,
}

impl Tree {
    fn of_depth(depth: u32) -> Box<Tree> {
        let children = (depth > 0).then(|| (Tree::of_depth(depth - 1), Tree::of_depth(depth - 1)));
        Box::new(Tree { children })
    }

    fn nodes(&self) -> u32 {
        match &self.children {
            Some((left, right)) => 1 + left.nodes() + right.nodes(),
            None => 1,
        }
    }
}

fn grow(size: usize, out: &mut dyn Write) -> io::Result<()> {
    let deepest = (size as u32).max(SHALLOWEST + 2);
    let stretch = deepest + 1;
    writeln!(
        out,
        "stretch tree of depth {stretch}\t check: {}",
        Tree::of_depth(stretch).nodes()
    )?;
    let long_lived = Tree::of_depth(deepest);
    for depth in (SHALLOWEST..=deepest).step_by(2) {
        let trees = 1_u32 << (deepest - depth + SHALLOWEST);
        let sum: u32 = (0..trees).map(|_| Tree::of_depth(depth).nodes()).sum();
        writeln!(out, "{trees}\t trees of depth {depth}\t check: {sum}")?;
    }
    writeln!(
        out,
        "long lived tree of depth {deepest}\t check: {}",
        long_lived.nodes()
    )
}

fn main() {
    guests::run(grow);
}
