//! Writes the same protobuf message in different bytes: fields in another order, repeated numbers packed or not, one message
//! in several pieces, unknown fields and groups in between.

use fastrand::Rng;

/// The content of a field, in the detail that scrambling needs.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Message(Schema),
    /// A message that occurs once: it may come in pieces.
    Single(Schema),
    Fixed64s,
    Varints,
}

pub type Schema = fn(u32) -> Field;

/// The type of a field.
#[derive(Clone, Copy)]
pub struct Field(Kind);

const PLAIN: Field = Field(Kind::Plain);

fn message(schema: Schema) -> Field {
    Field(Kind::Message(schema))
}

fn single(schema: Schema) -> Field {
    Field(Kind::Single(schema))
}

pub fn traces(number: u32) -> Field {
    if number == 1 { message(|number| group(number, |number| group_of_scope(number, span))) } else { PLAIN }
}

pub fn logs(number: u32) -> Field {
    if number == 1 { message(|number| group(number, |number| group_of_scope(number, log))) } else { PLAIN }
}

pub fn metrics(number: u32) -> Field {
    if number == 1 { message(|number| group(number, |number| group_of_scope(number, metric))) } else { PLAIN }
}

fn group(number: u32, scopes: Schema) -> Field {
    match number {
        1 => single(resource),
        2 => message(scopes),
        _ => PLAIN,
    }
}

fn group_of_scope(number: u32, item: Schema) -> Field {
    match number {
        1 => single(scope),
        2 => message(item),
        _ => PLAIN,
    }
}

fn plain(_: u32) -> Field {
    PLAIN
}

fn resource(number: u32) -> Field {
    match number {
        1 => message(key_value),
        3 => message(plain),
        _ => PLAIN,
    }
}

fn scope(number: u32) -> Field {
    if number == 3 { message(key_value) } else { PLAIN }
}

fn key_value(number: u32) -> Field {
    if number == 2 { message(any_value) } else { PLAIN }
}

fn any_value(number: u32) -> Field {
    match number {
        5 => message(|number| if number == 1 { message(any_value) } else { PLAIN }),
        6 => message(|number| if number == 1 { message(key_value) } else { PLAIN }),
        _ => PLAIN,
    }
}

fn span(number: u32) -> Field {
    match number {
        9 => message(key_value),
        11 => message(|number| if number == 3 { message(key_value) } else { PLAIN }),
        13 => message(|number| if number == 4 { message(key_value) } else { PLAIN }),
        15 => single(plain),
        _ => PLAIN,
    }
}

fn log(number: u32) -> Field {
    match number {
        5 => message(any_value),
        6 => message(key_value),
        _ => PLAIN,
    }
}

fn metric(number: u32) -> Field {
    match number {
        12 => message(key_value),
        5 | 7 => message(|number| if number == 1 { message(number_point) } else { PLAIN }),
        9 => message(|number| if number == 1 { message(histogram_point) } else { PLAIN }),
        10 => message(|number| if number == 1 { message(exponential_point) } else { PLAIN }),
        11 => message(|number| if number == 1 { message(summary_point) } else { PLAIN }),
        _ => PLAIN,
    }
}

fn number_point(number: u32) -> Field {
    match number {
        5 => message(exemplar),
        7 => message(key_value),
        _ => PLAIN,
    }
}

fn histogram_point(number: u32) -> Field {
    match number {
        6 | 7 => Field(Kind::Fixed64s),
        8 => message(exemplar),
        9 => message(key_value),
        _ => PLAIN,
    }
}

fn exponential_point(number: u32) -> Field {
    match number {
        1 => message(key_value),
        8 | 9 => single(|number| if number == 2 { Field(Kind::Varints) } else { PLAIN }),
        11 => message(exemplar),
        _ => PLAIN,
    }
}

fn summary_point(number: u32) -> Field {
    match number {
        6 => message(plain),
        7 => message(key_value),
        _ => PLAIN,
    }
}

fn exemplar(number: u32) -> Field {
    if number == 7 { message(key_value) } else { PLAIN }
}

/// The bytes of a field, with its tag.
type Piece = (u32, Vec<u8>);

pub fn scramble(bytes: &[u8], schema: Schema, rng: &mut Rng) -> Vec<u8> {
    let mut pieces = pieces(bytes, schema, rng);
    if rng.u8(0..4) == 0 {
        pieces.insert(rng.usize(0..=pieces.len()), unknown(rng));
    }
    // Fields of one number keep their order, which has a meaning.
    let order: Vec<u32> = std::iter::repeat_with(|| rng.u32(..)).take(32).collect();
    pieces.sort_by_key(|(number, _)| order[*number as usize % 32]);
    pieces.into_iter().flat_map(|(_, piece)| piece).collect()
}

fn pieces(mut bytes: &[u8], schema: Schema, rng: &mut Rng) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let (number, wire_type) = ((tag >> 3) as u32, tag & 7);
        match wire_type {
            0 => {
                let mut piece = written(tag);
                piece.extend(written(varint(&mut bytes)));
                pieces.push((number, piece));
            }
            1 | 5 => {
                let mut piece = written(tag);
                piece.extend(take(&mut bytes, if wire_type == 1 { 8 } else { 4 }));
                pieces.push((number, piece));
            }
            2 => {
                let length = varint(&mut bytes) as usize;
                let content = take(&mut bytes, length);
                match schema(number).0 {
                    Kind::Plain => pieces.push((number, run(number, content))),
                    Kind::Message(schema) => pieces.push((number, run(number, &scramble(content, schema, rng)))),
                    Kind::Single(schema) => {
                        let inner = scramble(content, schema, rng);
                        for part in parts(&inner, rng) {
                            pieces.push((number, run(number, &part)));
                        }
                    }
                    Kind::Fixed64s => pieces.extend(content.chunks(8).map(|value| match rng.bool() {
                        true => (number, run(number, value)),
                        false => (number, [written(u64::from(number) << 3 | 1), value.to_vec()].concat()),
                    })),
                    Kind::Varints => {
                        let mut content = content;
                        while !content.is_empty() {
                            let value = written(varint(&mut content));
                            pieces.push(match rng.bool() {
                                true => (number, run(number, &value)),
                                false => (number, [written(u64::from(number) << 3), value].concat()),
                            });
                        }
                    }
                }
            }
            _ => panic!("prost writes no groups"),
        }
    }
    pieces
}

/// A message cut in two between fields.
fn parts(bytes: &[u8], rng: &mut Rng) -> [Vec<u8>; 2] {
    let mut first = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && rng.u8(0..3) > 0 {
        let before = rest;
        let tag = varint(&mut rest);
        skip(tag, &mut rest);
        first.extend(&before[..before.len() - rest.len()]);
    }
    [first, rest.to_vec()]
}

fn skip(tag: u64, rest: &mut &[u8]) {
    match tag & 7 {
        0 => drop(varint(rest)),
        1 => drop(take(rest, 8)),
        2 => {
            let length = varint(rest) as usize;
            take(rest, length);
        }
        3 => loop {
            let tag = varint(rest);
            if tag & 7 == 4 {
                break;
            }
            skip(tag, rest);
        },
        _ => drop(take(rest, 4)),
    }
}

/// A field that does not exist in any OTLP message.
fn unknown(rng: &mut Rng) -> Piece {
    let number = 1000;
    let tag = |wire_type: u64| written(number << 3 | wire_type);
    let piece = match rng.u8(0..4) {
        0 => [tag(0), written(rng.u64(..))].concat(),
        1 => [tag(2), written(3), vec![1, 2, 3]].concat(),
        2 => [tag(5), vec![9; 4]].concat(),
        _ => [tag(3), vec![0x08, 0x07], tag(3), tag(4), vec![0x12, 0x01, 0xff], tag(4)].concat(),
    };
    (number as u32, piece)
}

fn run(number: u32, content: &[u8]) -> Vec<u8> {
    [&written(u64::from(number) << 3 | 2)[..], &written(content.len() as u64), content].concat()
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn written(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
