//! Checks that files do not depend on each other in circles. A file depends on another if it names something that the other
//! defines. A `mod.rs` does not depend on the files of its re-exports (`pub use`). Tests are left out.

use super::{identifier, rust_files, without_comments_and_strings};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders whose files still depend on each other in circles. No other file does.
const STILL_IN_CIRCLES: &[&str] = &[
    "src/app",
    "src/app/parts",
    "src/app/screens",
    "src/app/screens/sources",
    "src/cli",
    "src/columns",
    "src/columns/events",
    "src/columns/keys",
    "src/columns/logs",
    "src/columns/points",
    "src/columns/spans",
    "src/demo",
    "src/demo/stories",
    "src/filter",
    "src/filter/bind",
    "src/intake",
    "src/keymap",
    "src/model",
    "src/source/file",
    "src/store",
    "src/terminal",
    "src/wire",
    "src/wire/otlp/json/documents",
    "src/wire/otlp/json/text",
    "src/wire/otlp/write",
    "src/wire/prometheus",
    "src/wire/span_record",
];

#[test]
fn files_do_not_depend_in_circles() {
    let crate_files = Files::read();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for circle in crate_files.circles() {
        let folders: BTreeSet<String> = circle.iter().map(|file| folder(file)).collect();
        let excepted = folders.iter().all(|folder| STILL_IN_CIRCLES.contains(&folder.as_str()));
        seen.extend(folders);
        if !excepted {
            faults.push(crate_files.told(&circle));
        }
    }
    assert!(faults.is_empty(), "files depend on each other in a circle:\n{}", faults.join("\n\n"));
    for folder in STILL_IN_CIRCLES {
        assert!(seen.contains(*folder), "{folder} has no circle any more: remove it from STILL_IN_CIRCLES");
    }
}

#[test]
fn a_circle_between_files_is_found() {
    let file = |path: &str, code: &str| File::new(path, code);
    let files = Files::of(vec![
        file("src/a/mod.rs", "mod one; mod two; mod three; pub use one::One; pub use two::Two;"),
        file("src/a/one.rs", "use super::Two; pub struct One;"),
        file("src/a/two.rs", "pub struct Two; fn f() { super::three::g() }"),
        file("src/a/three.rs", "use crate::a::{self, One as Other}; pub fn g() { a::Two; }"),
        file("src/b/mod.rs", "use crate::a::One; mod part; fn f() {}"),
        file("src/b/part.rs", "use crate::a::Two;"),
    ]);
    assert_eq!(files.circles(), [["src/a/one.rs", "src/a/three.rs", "src/a/two.rs"]]);
}

fn folder(file: &str) -> String {
    file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// A name that a file imports.
struct Import {
    path: Vec<String>,
    name: String,
    public: bool,
}

struct File {
    path: String,
    module: Vec<String>,
    children: BTreeSet<String>,
    imports: Vec<Import>,
    /// Paths in the code itself, such as `super::x::f`.
    inline: Vec<Vec<String>>,
}

impl File {
    fn new(path: &str, code: &str) -> File {
        let code = without_tests(&without_comments_and_strings(code));
        let mut module: Vec<String> =
            path.trim_start_matches("src/").trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            module.pop();
        }
        let mut file =
            File { path: path.to_owned(), module, children: BTreeSet::new(), imports: vec![], inline: vec![] };
        file.read(&code);
        file
    }

    fn read(&mut self, code: &str) {
        let mut outside = String::new();
        let mut rest = code;
        while let Some(at) = word(rest, "use") {
            outside.push_str(&rest[..at]);
            let before = rest[..at].trim_end();
            let line = before.rsplit([';', '{', '}']).next().unwrap_or_default();
            let public = line.trim_start_matches(|c: char| c != 'p').starts_with("pub");
            let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
            self.import(&rest[at + 3..end], &[], public);
            rest = &rest[end..];
        }
        outside.push_str(rest);
        let mut rest = outside.as_str();
        while let Some(at) = word(rest, "mod") {
            let after = rest[at + 3..].trim_start();
            let name = identifier(after);
            if after[name.len()..].trim_start().starts_with(';') {
                self.children.insert(name.to_owned());
            }
            rest = &rest[at + 3..];
        }
        self.inline = paths(&outside);
    }

    fn import(&mut self, tree: &str, prefix: &[String], public: bool) {
        let tree = tree.trim();
        if let Some((head, group)) = tree.split_once('{') {
            let mut prefix = prefix.to_vec();
            prefix.extend(segments(head.trim().trim_end_matches("::")));
            let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
            let (mut level, mut start) = (0, 0);
            for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
                match c {
                    '{' => level += 1,
                    '}' => level -= 1,
                    ',' if level == 0 => {
                        if !group[start..at].trim().is_empty() {
                            self.import(&group[start..at], &prefix, public);
                        }
                        start = at + 1;
                    }
                    _ => {}
                }
            }
            return;
        }
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
        let mut path = [prefix.to_vec(), segments(path)].concat();
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        let name = alias.map(str::to_owned).or_else(|| path.last().cloned()).unwrap_or_default();
        self.imports.push(Import { path, name, public });
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(|segment| segment.trim().to_owned()).filter(|segment| !segment.is_empty()).collect()
}

/// The position of a whole word.
fn word(code: &str, word: &str) -> Option<usize> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !code[..*at].ends_with(part_of_name) && code[at + word.len()..].starts_with(char::is_whitespace))
}

/// Every path `a::b::c` in some code.
fn paths(code: &str) -> Vec<Vec<String>> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut paths = Vec::new();
    let mut at = 0;
    while let Some(found) = code[at..].find(part_of_name) {
        let start = at + found;
        let end =
            code[start..].find(|c: char| !part_of_name(c) && c != ':').map_or(code.len(), |length| start + length);
        let path = segments(&code[start..end]);
        if path.len() > 1 && !code[..start].ends_with("::") && !code[..start].ends_with('.') {
            paths.push(path);
        }
        at = end;
    }
    paths
}

/// The code without `#[cfg(test)]` modules.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let after = &rest[at + "#[cfg(test)]".len()..];
        let brace = after.find('{').unwrap_or(after.len());
        let semicolon = after.find(';').unwrap_or(after.len());
        if semicolon < brace {
            rest = &after[(semicolon + 1).min(after.len())..];
            continue;
        }
        let mut level = 0;
        let end = after.char_indices().find(|(_, c)| {
            level += i32::from(*c == '{') - i32::from(*c == '}');
            *c == '}' && level == 0
        });
        rest = end.map_or("", |(end, _)| &after[end + 1..]);
    }
    out.push_str(rest);
    out
}

struct Files {
    files: Vec<File>,
    by_module: BTreeMap<Vec<String>, usize>,
}

impl Files {
    #[expect(clippy::unwrap_used, reason = "a test")]
    fn read() -> Files {
        let mut paths = Vec::new();
        rust_files(Path::new("src"), &mut paths);
        let is_test = |path: &str| path.split('/').any(|part| part == "tests" || part.ends_with("tests.rs"));
        let paths = paths.into_iter().map(|path| path.to_str().unwrap().to_owned()).filter(|path| !is_test(path));
        Files::of(paths.map(|path| File::new(&path, &std::fs::read_to_string(&path).unwrap())).collect())
    }

    fn of(files: Vec<File>) -> Files {
        let by_module = files.iter().enumerate().map(|(index, file)| (file.module.clone(), index)).collect();
        Files { files, by_module }
    }

    /// The path from the crate's root. `None`: it belongs to another crate.
    fn absolute(&self, file: &File, path: &[String], depth: usize) -> Option<Vec<String>> {
        let first = path.first()?;
        let rest = &path[1..];
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([&file.module[..], rest].concat()),
            "super" => {
                let above = path.iter().take_while(|part| *part == "super").count();
                let kept = file.module.len().checked_sub(above)?;
                Some([&file.module[..kept], &path[above..]].concat())
            }
            name if file.children.contains(name) => Some([&file.module[..], path].concat()),
            name => {
                let import = file.imports.iter().find(|import| import.name == name && import.path != path)?;
                let absolute = if depth < 8 { self.absolute(file, &import.path, depth + 1)? } else { return None };
                Some([&absolute[..], rest].concat())
            }
        }
    }

    /// The file that defines the item of a path from the root, and whether the path names a module.
    fn definer(&self, path: &[String], depth: usize) -> Option<(usize, bool)> {
        let known = (0..=path.len()).rev().find(|length| self.by_module.contains_key(&path[..*length]))?;
        let index = self.by_module[&path[..known]];
        let Some(name) = path.get(known) else { return Some((index, true)) };
        let file = &self.files[index];
        if depth < 16 {
            for import in file.imports.iter().filter(|import| import.name == *name) {
                let further = self.absolute(file, &import.path, 0).map(|path| [&path[..], &[]].concat());
                if let Some(further) = further
                    && further != path
                {
                    let further = [&further[..], &path[known + 1..]].concat();
                    return self.definer(&further, depth + 1).or(Some((index, false)));
                }
            }
        }
        Some((index, false))
    }

    /// The files that a file depends on.
    fn needs(&self, index: usize) -> BTreeSet<usize> {
        let file = &self.files[index];
        let imported = file.imports.iter().filter(|import| !import.public).map(|import| &import.path);
        let named = imported.chain(&file.inline).filter_map(|path| self.absolute(file, path, 0));
        // An imported module counts where the file names something of it.
        let found = named.filter_map(|path| self.definer(&path, 0)).filter(|(_, module)| !module);
        found.map(|(found, _)| found).filter(|found| *found != index).collect()
    }

    /// Groups of files that all depend on each other, directly or indirectly; paths in order.
    fn circles(&self) -> Vec<Vec<String>> {
        let needs: Vec<BTreeSet<usize>> = (0..self.files.len()).map(|index| self.needs(index)).collect();
        let reach: Vec<BTreeSet<usize>> = (0..needs.len())
            .map(|start| {
                let mut reached = BTreeSet::new();
                let mut open: Vec<usize> = needs[start].iter().copied().collect();
                while let Some(next) = open.pop() {
                    if reached.insert(next) {
                        open.extend(&needs[next]);
                    }
                }
                reached
            })
            .collect();
        let mut circles = BTreeSet::new();
        for (start, reached) in reach.iter().enumerate().filter(|(start, reached)| reached.contains(start)) {
            let circle = reached.iter().filter(|other| reach[**other].contains(&start));
            let mut paths: Vec<String> = circle.map(|index| self.files[*index].path.clone()).collect();
            paths.sort();
            circles.insert(paths);
        }
        circles.into_iter().collect()
    }

    /// The dependencies within a circle, one line for each file.
    fn told(&self, circle: &[String]) -> String {
        let mut lines = Vec::new();
        for (index, file) in self.files.iter().enumerate().filter(|(_, file)| circle.contains(&file.path)) {
            let needs = self.needs(index).into_iter().map(|other| self.files[other].path.clone());
            let needs: Vec<String> = needs.filter(|path| circle.contains(path)).collect();
            lines.push(format!("{} needs {}", file.path, needs.join(", ")));
        }
        lines.join("\n")
    }
}
