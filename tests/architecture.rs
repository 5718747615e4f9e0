//! Checks the table of layers in `src/lib.rs`: a layer imports only the layers in its row.

#[path = "architecture/circles.rs"]
mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Table = BTreeMap<String, BTreeSet<String>>;

#[test]
fn layers_import_only_what_the_table_allows() {
    let table = table();
    let mut faults = Vec::new();
    for (layer, allowed) in &table {
        let mut files = Vec::new();
        rust_files(&Path::new("src").join(layer), &mut files);
        assert!(!files.is_empty(), "the table names `{layer}`, but src/{layer} has no Rust files");
        for file in files {
            let code = without_comments_and_strings(&std::fs::read_to_string(&file).unwrap());
            // All layers are folders, so no file of the root module uses `super::` to reach the root.
            for named in crate_paths(&code, depth(&file)) {
                if table.contains_key(&named) && named != *layer && !allowed.contains(&named) {
                    faults
                        .push(format!("{} imports {named}, which the row of `{layer}` does not allow", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_folder_is_a_described_layer() {
    let table = table();
    for entry in std::fs::read_dir("src").unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            assert!(table.contains_key(&name), "src/{name} is missing in the table of src/lib.rs");
            let opening = std::fs::read_to_string(entry.path().join("mod.rs")).unwrap();
            let lines = opening.lines().take_while(|line| line.starts_with("//!")).count();
            assert!(lines >= 3, "src/{name}/mod.rs describes the layer in only {lines} lines");
        }
    }
}

#[test]
fn lower_layers_do_not_know_the_screen() {
    for layer in ["model", "columns", "wire", "filter", "store", "intake", "engine", "present", "app", "source", "tail"]
    {
        let mut files = Vec::new();
        rust_files(&Path::new("src").join(layer), &mut files);
        for file in files {
            let code = without_comments_and_strings(&std::fs::read_to_string(&file).unwrap());
            for word in ["ratatui", "crossterm"] {
                assert!(!code.contains(word), "{} knows {word}", file.display());
            }
        }
    }
}

/// `cargo fmt` follows only plain `mod` lines, and a macro declares the modules of the screens.
#[test]
fn the_folders_of_the_screens_are_formatted() {
    let mut opening = Vec::new();
    for folder in ["src/app/screens", "src/ui/screens"] {
        let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("mod.rs"));
        opening.extend(folders.filter(|file| file.is_file()));
    }
    assert!(opening.len() >= 4, "the folders of the screens were not found");
    let edition = ["--edition", "2024", "--check"];
    let done = std::process::Command::new("rustfmt").args(edition).args(&opening).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "run `rustfmt --edition 2024 src/{{app,ui}}/screens/*/mod.rs`\n{said}");
}

#[test]
fn the_check_finds_every_way_of_importing() {
    let code = "use crate::{model, columns::{a, b}};\nuse super::super::wire::x; fn f() { crate::store::View::new(); }\n\
                use crate::filter as g; mod a { use super::super::super::engine; }";
    let found: Vec<String> = crate_paths(code, 2).into_iter().collect();
    assert_eq!(found, ["columns", "engine", "filter", "model", "store", "wire"]);
}

/// Layer → layers that it may import, from the rows `| layer | what | may import |`.
#[expect(clippy::unwrap_used, reason = "a test")]
fn table() -> Table {
    let map = std::fs::read_to_string("src/lib.rs").unwrap();
    let rows: Vec<Vec<&str>> = map
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    let layers: BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    let allowed = |cell: &str| match cell {
        "all" => layers.clone(),
        "–" => BTreeSet::new(),
        cell => cell.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    let table: Table = rows.iter().map(|row| (row[0].to_owned(), allowed(row[2]))).collect();
    assert!(table.len() > 10, "the table in src/lib.rs was not found");
    for (layer, imports) in &table {
        for import in imports {
            assert!(layers.contains(import), "the row of `{layer}` names `{import}`, which is not a layer");
        }
    }
    table
}

/// The number of `super` from a file's module to the crate's root: `src/a/mod.rs` 1, `src/a/b.rs` 2, `src/a/b/c.rs` 3.
fn depth(file: &Path) -> usize {
    let parts = file.components().count() - 1;
    if file.file_name().is_some_and(|name| name == "mod.rs") { parts - 1 } else { parts }
}

/// The names of top-level modules in `crate::x`, `crate::{x, y::z}`, and in `super::…::x` that reaches the root or
/// beyond. An inline module needs one more `super`; this is found too.
fn crate_paths(code: &str, depth: usize) -> BTreeSet<String> {
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" :: ", "::").replace(":: ", "::");
    let mut found = BTreeSet::new();
    let mut after = |rest: &str| {
        if let Some(group) = rest.strip_prefix('{') {
            let (mut level, mut start) = (0, true);
            for (at, c) in group.char_indices() {
                match c {
                    '{' => level += 1,
                    '}' if level == 0 => break,
                    '}' => level -= 1,
                    ',' if level == 0 => start = true,
                    c if start && level == 0 && (c.is_alphanumeric() || c == '_') => {
                        found.insert(identifier(&group[at..]).to_owned());
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.insert(identifier(rest).to_owned());
        }
    };
    for (at, _) in code.match_indices("crate::") {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == ':') {
            after(&code[at + "crate::".len()..]);
        }
    }
    let up = "super::".repeat(depth);
    for (at, _) in code.match_indices(&up) {
        if !code[..at].ends_with("::") && !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            after(code[at..].trim_start_matches("super::"));
        }
    }
    found.remove("");
    found
}

fn identifier(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())]
}

#[expect(clippy::unwrap_used, reason = "a test")]
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Replaces comments and plain strings by spaces.
fn without_comments_and_strings(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    for line in code.lines() {
        let mut in_string = false;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if in_string => drop(chars.next()),
                '"' => in_string = !in_string,
                '\'' if !in_string && chars.peek() == Some(&'"') => {
                    chars.next();
                }
                '/' if !in_string && chars.peek() == Some(&'/') => break,
                c if !in_string => out.push(c),
                _ => {}
            }
        }
        out.push('\n');
    }
    out
}
