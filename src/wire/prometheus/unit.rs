//! Translates units from OpenMetrics's words to the UCUM codes that OpenTelemetry uses.

/// `seconds` → `s`, `bytes` → `By`, `ratio` → `1`, `bytes_per_second` → `By/s`; an unknown word stays as it is.
pub(super) fn ucum(words: &str) -> String {
    match words.split_once("_per_") {
        Some((of, per)) => format!("{}/{}", code(of), code(per)),
        None => code(words).to_owned(),
    }
}

fn code(word: &str) -> &str {
    match word {
        "ratio" => "1",
        "percent" => "%",
        "nanoseconds" | "nanosecond" => "ns",
        "microseconds" | "microsecond" => "us",
        "milliseconds" | "millisecond" => "ms",
        "seconds" | "second" => "s",
        "minutes" | "minute" => "min",
        "hours" | "hour" => "h",
        "days" | "day" => "d",
        "weeks" | "week" => "wk",
        "months" | "month" => "mo",
        "years" | "year" => "a",
        "bits" | "bit" => "bit",
        "bytes" | "byte" => "By",
        "kilobytes" => "kBy",
        "megabytes" => "MBy",
        "gigabytes" => "GBy",
        "terabytes" => "TBy",
        "kibibytes" => "KiBy",
        "mebibytes" => "MiBy",
        "gibibytes" => "GiBy",
        "tibibytes" | "tebibytes" => "TiBy",
        "meters" | "meter" => "m",
        "grams" | "gram" => "g",
        "kilograms" | "kilogram" => "kg",
        "amperes" | "ampere" => "A",
        "volts" | "volt" => "V",
        "watts" | "watt" => "W",
        "joules" | "joule" => "J",
        "hertz" => "Hz",
        "celsius" => "Cel",
        "kelvin" | "kelvins" => "K",
        other => other,
    }
}
