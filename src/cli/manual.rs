//! Shell completions and the manual page, generated from the command line.

use super::args::Arguments;
use crate::app::Context;
use crate::keymap::{Keymap, KeymapError, written_key};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{Error, Write};

/// The completion script for a shell.
pub(super) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "otail", &mut script);
    script
}

/// The manual page: the sections of `otail`, then one for each subcommand.
pub(super) fn page() -> Result<Vec<u8>, Error> {
    let command = Arguments::command();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        section(subcommand, "otail", &mut page)?;
    }
    for text in command.get_after_help().into_iter() {
        verbatim("NOTES", &text.to_string(), &mut page)?;
    }
    verbatim("FILTERS", crate::filter::HELP, &mut page)?;
    verbatim("KEYS", &keys().map_err(|error| Error::other(error.to_string()))?, &mut page)?;
    Ok(page)
}

/// A section whose lines are not reflowed.
fn verbatim(title: &str, text: &str, page: &mut Vec<u8>) -> Result<(), Error> {
    writeln!(page, ".SH {title}\n.nf")?;
    for line in text.lines() {
        // roff takes a dot or a quote at the start of a line for a request.
        writeln!(page, "\\&{}", line.replace('\\', "\\e").replace('-', "\\-"))?;
    }
    page.extend(b".fi\n");
    Ok(())
}

/// Every built-in key, grouped by the part of the screen where it works.
fn keys() -> Result<String, KeymapError> {
    let keymap = Keymap::with("")?;
    let mut text = String::new();
    for context in Context::all() {
        text += &format!("{}\n", context.name());
        for rule in keymap.rules(context) {
            let keys: Vec<String> = rule.keys.iter().map(|key| written_key(*key)).collect();
            text += &format!("  {:<24} {}\n", keys.join(" "), rule.does);
        }
    }
    Ok(text)
}

/// A section for a subcommand, and one for each of its subcommands.
fn section(command: &clap::Command, before: &str, page: &mut Vec<u8>) -> Result<(), Error> {
    let name = format!("{before} {}", command.get_name());
    let mut text = Vec::new();
    let man = Man::new(command.clone().bin_name(name.clone()));
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    // A command whose only flag is --help needs no options section.
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut text)?;
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    writeln!(page, ".SH {}", name.to_uppercase().replace('-', "\\-"))?;
    for line in text.lines() {
        // A section of the subcommand's page becomes a subsection here.
        match line.strip_prefix(".SH ") {
            Some(title) => writeln!(page, ".SS {title}")?,
            None => writeln!(page, "{line}")?,
        }
    }
    command.get_subcommands().try_for_each(|under| section(under, &name, page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn the_completions_of_every_shell_name_every_subcommand() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(*shell)).unwrap();
            for subcommand in Arguments::command().get_subcommands() {
                assert!(script.contains(subcommand.get_name()), "{shell}: {}", subcommand.get_name());
            }
        }
    }

    #[test]
    fn the_page_has_every_subcommand() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        for subcommand in Arguments::command().get_subcommands() {
            let title = format!("\n.SH OTAIL {}", subcommand.get_name().to_uppercase());
            assert!(page.contains(&title), "{title}");
        }
        assert!(page.contains(".SH OTAIL CONFIG CHECK\n") && page.contains("Exit codes:"), "{page}");
    }

    #[test]
    fn the_page_has_the_filters_and_keys() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        assert!(page.contains("\n.SH FILTERS\n") && page.contains("service:checkout status:error"), "{page}");
        let keymap = Keymap::with("").unwrap();
        for rule in Context::all().flat_map(|context| keymap.rules(context).collect::<Vec<_>>()) {
            assert!(page.contains(&rule.does.replace('-', "\\-")), "{}", rule.does);
        }
    }
}
