//! Names of glyphs, as the encodings of simple fonts use them, and what they mean.
//!
//! Most names of Adobe's list are made of a letter and the name of an accent, so that no list is needed for them; the
//! rest that European documents use is listed. Unknown names mean nothing.

use unicode_normalization::UnicodeNormalization;

/// Names that are not made of others, and what they mean.
const NAMES: &str = r#"
    exclam !  quotedbl "  numbersign #  dollar $  percent %  ampersand &  quotesingle '  parenleft (  parenright )
    asterisk *  plus +  comma ,  hyphen -  period .  slash /  zero 0  one 1  two 2  three 3  four 4  five 5  six 6
    seven 7  eight 8  nine 9  colon :  semicolon ;  less <  equal =  greater >  question ?  at @  bracketleft [
    backslash \  bracketright ]  asciicircum ^  underscore _  grave `  braceleft {  bar |  braceright }
    asciitilde ~  exclamdown ¡  cent ¢  sterling £  currency ¤  yen ¥  brokenbar ¦  section §  dieresis ¨
    copyright ©  ordfeminine ª  guillemotleft «  logicalnot ¬  registered ®  macron ¯  degree °  plusminus ±
    acute ´  mu µ  paragraph ¶  periodcentered ·  cedilla ¸  ordmasculine º  guillemotright »  onequarter ¼
    onehalf ½  threequarters ¾  questiondown ¿  AE Æ  ae æ  Eth Ð  eth ð  multiply ×  Oslash Ø  oslash ø  Thorn Þ
    thorn þ  germandbls ß  divide ÷  OE Œ  oe œ  Lslash Ł  lslash ł  Dcroat Đ  dcroat đ  Dslash Đ  dmacron đ  Hbar Ħ
    hbar ħ  dotlessi ı  Eng Ŋ  eng ŋ  Tbar Ŧ  tbar ŧ  IJ Ĳ  ij ĳ  Ldot Ŀ  ldot ŀ  kgreenlandic ĸ  florin ƒ
    circumflex ˆ  caron ˇ  breve ˘  dotaccent ˙  ring ˚  ogonek ˛  tilde ˜  hungarumlaut ˝  endash –  emdash —
    quoteleft ‘  quoteright ’  quotesinglbase ‚  quotedblleft “  quotedblright ”  quotedblbase „  dagger †
    daggerdbl ‡  bullet •  ellipsis …  perthousand ‰  guilsinglleft ‹  guilsinglright ›  fraction ⁄  Euro €  euro €
    trademark ™  minus −  partialdiff ∂  summation ∑  product ∏  radical √  infinity ∞  integral ∫  approxequal ≈
    notequal ≠  lessequal ≤  greaterequal ≥  lozenge ◊  arrowleft ←  arrowup ↑  arrowright →  arrowdown ↓  ff ff
    fi fi  fl fl  ffi ffi  ffl ffl  numero №  afii61352 №  commaaccent ,  nbhyphen -  minute ′  second ″
    checkmark ✓  Alpha Α  Beta Β  Gamma Γ  Delta Δ  Epsilon Ε  Zeta Ζ  Eta Η  Theta Θ  Iota Ι  Kappa Κ  Lambda Λ
    Mu Μ  Nu Ν  Xi Ξ  Omicron Ο  Pi Π  Rho Ρ  Sigma Σ  Tau Τ  Upsilon Υ  Phi Φ  Chi Χ  Psi Ψ  Omega Ω  alpha α
    beta β  gamma γ  delta δ  epsilon ε  zeta ζ  eta η  theta θ  iota ι  kappa κ  lambda λ  nu ν  xi ξ  omicron ο
    pi π  rho ρ  sigma σ  sigma1 ς  tau τ  upsilon υ  phi φ  chi χ  psi ψ  omega ω  tonos ΄
"#;

/// Names of accents that follow a letter's, and the accents.
const ACCENTS: [(&str, char); 14] = [
    ("hungarumlaut", '\u{30B}'),
    ("commaaccent", '\u{327}'),
    ("circumflex", '\u{302}'),
    ("dotaccent", '\u{307}'),
    ("dieresis", '\u{308}'),
    ("cedilla", '\u{327}'),
    ("ogonek", '\u{328}'),
    ("macron", '\u{304}'),
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("tilde", '\u{303}'),
    ("caron", '\u{30C}'),
    ("breve", '\u{306}'),
    ("ring", '\u{30A}'),
];

/// Codes of Adobe's standard encoding that are not those of ASCII, and the names there.
const STANDARD: &str = "
    39 quoteright  96 quoteleft  161 exclamdown  162 cent  163 sterling  164 fraction  165 yen  166 florin
    167 section  168 currency  169 quotesingle  170 quotedblleft  171 guillemotleft  172 guilsinglleft
    173 guilsinglright  174 fi  175 fl  177 endash  178 dagger  179 daggerdbl  180 periodcentered  182 paragraph
    183 bullet  184 quotesinglbase  185 quotedblbase  186 quotedblright  187 guillemotright  188 ellipsis
    189 perthousand  191 questiondown  193 grave  194 acute  195 circumflex  196 tilde  197 macron  198 breve
    199 dotaccent  200 dieresis  202 ring  203 cedilla  205 hungarumlaut  206 ogonek  207 caron  208 emdash  225 AE
    227 ordfeminine  232 Lslash  233 Oslash  234 OE  235 ordmasculine  241 ae  245 dotlessi  248 lslash  249 oslash
    250 oe  251 germandbls
";

/// What a glyph of this name means.
pub fn meaning(name: &str) -> Option<String> {
    // `a.alt` and `f_i` are variants and ligatures.
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    match name {
        "space" | "nbspace" => return Some(" ".to_owned()),
        "sfthyphen" => return Some("\u{AD}".to_owned()),
        _ => {}
    }
    if let Some(text) = entry(NAMES, name) {
        return Some(text.to_owned());
    }
    if name.contains('_') {
        return name.split('_').take(8).map(|part| meaning(part).filter(|_| !part.is_empty())).collect();
    }
    let mut chars = name.chars();
    if let (Some(letter), None) = (chars.next(), chars.next()) {
        return Some(letter.into());
    }
    coded(name).or_else(|| accented(name)).or_else(|| cyrillic(name))
}

/// What a code of Adobe's standard encoding means.
pub fn standard(code: u8) -> Option<String> {
    match entry(STANDARD, &code.to_string()) {
        Some(name) => meaning(name),
        None => (32..127).contains(&code).then(|| char::from(code).into()),
    }
}

/// The word after `key` in a table of pairs.
fn entry(table: &'static str, key: &str) -> Option<&'static str> {
    let mut words = table.split_whitespace();
    while let (Some(own), Some(value)) = (words.next(), words.next()) {
        if own == key {
            return Some(value);
        }
    }
    None
}

/// `uni20AC`, `u1F600`.
fn coded(name: &str) -> Option<String> {
    let hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digits) = name.strip_prefix("uni").filter(|digits| digits.len() >= 4 && hexadecimal(digits)) {
        let units = digits.as_bytes().chunks_exact(4).take(8);
        let units: Option<Vec<u16>> =
            units.map(|unit| u16::from_str_radix(std::str::from_utf8(unit).ok()?, 16).ok()).collect();
        return String::from_utf16(&units?).ok();
    }
    let digits = name.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len()) && hexadecimal(digits))?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?).map(String::from)
}

fn accented(name: &str) -> Option<String> {
    let (letter, accent) =
        ACCENTS.iter().find_map(|(word, accent)| name.strip_suffix(word).map(|letter| (letter, *accent)))?;
    let base = match letter {
        "dotlessi" => "ı".to_owned(),
        letter if letter.chars().count() == 1 => letter.to_owned(),
        _ => return None,
    };
    Some(base.chars().chain([accent]).nfc().collect())
}

/// `afii10017` to `afii10097`: the alphabet, with Ё after Е.
fn cyrillic(name: &str) -> Option<String> {
    let number: u32 = name.strip_prefix("afii")?.parse().ok()?;
    let code = match number {
        10017..=10022 => 0x410 + number - 10017,
        10023 => 0x401,
        10024..=10049 => 0x416 + number - 10024,
        10065..=10070 => 0x430 + number - 10065,
        10071 => 0x451,
        10072..=10097 => 0x436 + number - 10072,
        _ => return None,
    };
    char::from_u32(code).map(String::from)
}
