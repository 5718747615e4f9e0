//! Coloured frames to look at: `cargo test --lib ui::tests::preview -- --ignored` writes them as ANSI text into
//! `target/preview`.

use super::harness::{MILLISECOND, SECOND, Screen};
use super::shop;
use crate::ui::theme::{Depth, Scheme, Theme};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::fmt::Write;

fn ansi(buffer: &Buffer) -> String {
    let color = |color: Color, base: u8| match color {
        Color::Rgb(r, g, b) => format!(";{};2;{r};{g};{b}", base + 8),
        Color::Indexed(index) => format!(";{};5;{index}", base + 8),
        Color::Reset => String::new(),
        named => {
            let order = [
                Color::Black,
                Color::Red,
                Color::Green,
                Color::Yellow,
                Color::Blue,
                Color::Magenta,
                Color::Cyan,
                Color::Gray,
                Color::DarkGray,
                Color::LightRed,
                Color::LightGreen,
                Color::LightYellow,
                Color::LightBlue,
                Color::LightMagenta,
                Color::LightCyan,
                Color::White,
            ];
            let at = order.iter().position(|known| *known == named).unwrap_or_default() as u8;
            format!(";{}", if at < 8 { base + at } else { base + 60 + at - 8 })
        }
    };
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &buffer[(x, y)];
            let mut codes = "0".to_owned();
            for (modifier, code) in [
                (Modifier::BOLD, ";1"),
                (Modifier::DIM, ";2"),
                (Modifier::UNDERLINED, ";4"),
                (Modifier::REVERSED, ";7"),
            ] {
                if cell.modifier.contains(modifier) {
                    codes.push_str(code);
                }
            }
            codes += &color(cell.fg, 30);
            codes += &color(cell.bg, 40);
            _ = write!(out, "\x1b[{codes}m{}", cell.symbol());
            skip = crate::present::width(cell.symbol()).saturating_sub(1);
        }
        out.push_str("\x1b[0m\n");
    }
    out
}

fn save(screen: &mut Screen, name: &str, depth: Depth) {
    screen.theme = Theme::with("", depth, Scheme::Dark, false).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/preview");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), ansi(&screen.buffer())).unwrap();
}

fn shop(width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    for _ in 0..3 {
        shop::busy().into_iter().for_each(|batch| screen.push(batch));
    }
    screen.wait(3 * SECOND);
    screen.push(shop::spans(3, &[shop::Shot::default(); 3]));
    screen.wait(300 * MILLISECOND);
    screen
}

#[test]
#[ignore = "writes pictures to be looked at"]
fn preview() {
    for (width, height) in [(160, 45), (80, 24), (40, 10), (200, 60), (120, 36)] {
        let name = |what: &str| format!("{what}-{width}x{height}.ans");
        let mut screen = Screen::new(width, height);
        save(&mut screen, &name("empty"), Depth::True);
        let mut screen = shop(width, height);
        save(&mut screen, &name("follow"), Depth::True);
        screen.keys("E enter");
        save(&mut screen, &name("detail"), Depth::True);
        screen.keys("enter j");
        save(&mut screen, &name("detail-keys"), Depth::True);
        screen.keys("l l");
        save(&mut screen, &name("events"), Depth::True);
        screen.keys("esc esc f");
        screen.types("status:error duration>fast");
        screen.wait(SECOND / 4);
        save(&mut screen, &name("bad-filter"), Depth::True);
        screen.keys("esc space ?");
        save(&mut screen, &name("help"), Depth::True);
        screen.keys("esc :");
        screen.types("c");
        screen.keys("tab");
        save(&mut screen, &name("command"), Depth::True);
        screen.keys("esc /");
        screen.types("order");
        screen.keys("enter");
        save(&mut screen, &name("search"), Depth::True);
    }
    for (name, filter) in [
        ("log", "signal:log severity>=error"),
        ("histogram", "type:histogram"),
        ("event", "type:deploy.finished"),
        ("gap", "signal:event not type:deploy.finished"),
    ] {
        let mut screen = shop(160, 45);
        screen.keys("f");
        screen.types(filter);
        screen.keys("enter k enter enter");
        save(&mut screen, &format!("{name}-160x45.ans"), Depth::True);
    }
    let mut screen = shop(120, 36);
    screen.keys("E enter");
    save(&mut screen, "depth-256.ans", Depth::Indexed);
    save(&mut screen, "depth-16.ans", Depth::Ansi);
    save(&mut screen, "depth-mono.ans", Depth::Mono);
}
