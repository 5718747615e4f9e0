//! The format of a file, detected from its first bytes.

use super::text::MAX_ITEM;
use crate::wire::lines::{HOLE, is_binary, is_text};

/// How many bytes are needed to detect the format, if the file has that many.
pub(super) const DETECTION_BYTES: usize = 8;
/// How many bytes are checked for control characters.
const LOOKED_AT: usize = 4 << 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// UTF-8, perhaps with some invalid bytes.
    Text,
    /// UTF-16 with a byte order mark.
    Utf16,
    /// Protobuf messages with lengths in front: the Collector's `format: proto`.
    Frames,
    /// An unreadable format: its name and the remedy, for a message.
    Binary(&'static str),
}

impl Form {
    pub fn of(begin: &[u8]) -> Form {
        if let [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] = begin {
            return Form::Binary("is text in UTF-32; convert it first: iconv -f UTF-32 -t UTF-8 FILE | otail tail -");
        }
        if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = begin {
            return Form::Utf16;
        }
        if is_frames(begin) {
            return Form::Frames;
        }
        if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| begin.starts_with(magic)) {
            return Form::Binary(what);
        }
        if begin.get(257..262) == Some(b"ustar") {
            return Form::Binary("is a tar archive; take the file out first: tar -xOf FILE | otail tail -");
        }
        let begin = &begin[..begin.len().min(LOOKED_AT)];
        // NUL bytes that a truncation left do not make it binary.
        let text: Vec<u8> =
            begin.chunk_by(|a, b| (*a == 0) == (*b == 0)).filter(|run| !is_hole(run)).flatten().copied().collect();
        let text = text.trim_ascii_start();
        let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        match is_binary(text)
            && !(is_text(first_line) && (first_line.len() >= DETECTION_BYTES || is_object(first_line)))
        {
            true => Form::Binary("is binary data that otail does not know; give OTLP, JSON lines, text, gzip or zstd"),
            false => Form::Text,
        }
    }
}

fn is_object(line: &[u8]) -> bool {
    line.starts_with(b"{") && line.trim_ascii_end().ends_with(b"}")
}

fn is_hole(run: &[u8]) -> bool {
    run.first() == Some(&0) && run.len() >= HOLE
}

/// Four bytes of length, then a message that begins with its first field or with Zstandard.
fn is_frames(begin: &[u8]) -> bool {
    let Some((length, message)) = begin.split_first_chunk::<4>() else { return false };
    let length = u32::from_be_bytes(*length) as usize;
    let is_message = message.starts_with(&[0x0a]) || message.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    // No text begins with such a small byte.
    begin[0] < 8 && (2..=MAX_ITEM).contains(&length) && is_message
}

const MAGIC: &[(&[u8], &str)] = &[
    (b"\xfd7zXZ\0", "is compressed with xz; unpack it first: xz -dc FILE | otail tail -"),
    (b"BZh", "is compressed with bzip2; unpack it first: bzip2 -dc FILE | otail tail -"),
    (b"\x04\x22\x4d\x18", "is compressed with lz4; unpack it first: lz4 -dc FILE | otail tail -"),
    (b"\x02\x21\x4c\x18", "is compressed with lz4; unpack it first: lz4 -dc FILE | otail tail -"),
    (b"\xff\x06\0\0sNaPpY", "is compressed with snappy; unpack it first: snzip -dc FILE | otail tail -"),
    (b"LZIP", "is compressed with lzip; unpack it first: lzip -dc FILE | otail tail -"),
    (b"\x89LZO\0", "is compressed with lzop; unpack it first: lzop -dc FILE | otail tail -"),
    (b"\x1f\x9d", "is compressed with compress; unpack it first: zcat FILE | otail tail -"),
    (b"PK\x03\x04", "is a ZIP archive; take the file out first: unzip -p FILE | otail tail -"),
    (b"PK\x05\x06", "is an empty ZIP archive"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; take the file out first: 7z x -so FILE | otail tail -"),
    (b"Rar!\x1a\x07", "is a RAR archive; take the file out first"),
    (b"\x7fELF", "is a program (ELF), not telemetry"),
    (b"\xcf\xfa\xed\xfe", "is a program (Mach-O), not telemetry"),
    (b"MZ\x90\0", "is a program (Windows), not telemetry"),
    (b"\0asm", "is a WebAssembly module, not telemetry"),
    (b"\x89PNG\r\n\x1a\n", "is a picture (PNG), not telemetry"),
    (b"\xff\xd8\xff", "is a picture (JPEG), not telemetry"),
    (b"GIF8", "is a picture (GIF), not telemetry"),
    (b"%PDF-", "is a PDF document, not telemetry"),
    (b"SQLite format 3\0", "is an SQLite database; export it as JSON lines first"),
    (b"PAR1", "is a Parquet file; export it as JSON lines first"),
    (b"ARROW1\0\0", "is an Arrow file; export it as JSON lines first"),
    (b"LPKSHHRH", "is a systemd journal; read it with: journalctl --file FILE -o json | otail tail -"),
    (b"ElfFile\0", "is a Windows event log, which otail does not read"),
    (b"\xd4\xc3\xb2\xa1", "is a packet capture, not telemetry"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_show_the_format() {
        let elf = b"\x7fELF\x02\x01\x01\0\0";
        for (begin, expected) in [
            (&b"{\"resourceSpans\":[]}"[..], Form::Text),
            (b"", Form::Text),
            (b"a", Form::Text),
            (b"\xef\xbb\xbf{}", Form::Text),
            (b"caf\xe9 au lait\n", Form::Text),
            (b"\xff\xfe{\0", Form::Utf16),
            (b"\xfe\xff\0{", Form::Utf16),
            (b"\0\0\0\x80\x0a\x7e\x0a\x00", Form::Frames),
            (b"\0\0\x01\0\x28\xb5\x2f\xfd", Form::Frames),
        ] {
            assert_eq!(Form::of(begin), expected, "{begin:?}");
        }
        assert_eq!(Form::of(&[b"{\"n\":1}\n".as_slice(), &[0; 4_096]].concat()), Form::Text, "a hole at the end");
        assert_eq!(Form::of(&[[0; 4_096].as_slice(), b"{\"n\":2}\n"].concat()), Form::Text, "a hole");
        for begin in
            [elf.as_slice(), b"\xfd7zXZ\0", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\x04\x22\x4d\x18", b"BZh91AY&SY"]
        {
            assert!(matches!(Form::of(begin), Form::Binary(_)), "{begin:?}");
        }
        let noise: Vec<u8> = (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(matches!(Form::of(&noise), Form::Binary(_)));
        let turns = [b"a first line of text\n".as_slice(), &noise].concat();
        assert_eq!(Form::of(&turns), Form::Text, "text that turns binary later");
        let turns = [b"{\"n\":1}\n".as_slice(), &noise].concat();
        assert_eq!(Form::of(&turns), Form::Text, "the same after a short object");
    }
}
