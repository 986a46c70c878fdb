//! From tokens to a tree: precedence NEAR > NOT > AND > OR > blank, as [MS-SEARCH] 2.2.11.3 orders them. Rows of keywords
//! (`(c:s)`) are alternatives; conditions (`(c:c)`) apply to all of what stands before them: see `condition`.
//!
//! A blank is AND, but OR between neighbouring restrictions of one property (with a warning, since Microsoft's own pages
//! disagree). Contract: never panics; nesting is bounded by [`QUERY_DEPTH`] and [`TREE_DEPTH`].

use super::{
    ast::Node,
    error::{QueryError, Warning, WarningCode},
    leaf::{Gap, Leaf, Near, Role, Row},
    lexer,
    property::Property,
    token::{Each, Op, Token, TokenKind},
    value,
};
use crate::model::{
    PhoneNumber,
    limits::{QUERY_CHARS, QUERY_DEPTH},
};
use std::{iter::Peekable, ops::Range, vec};

/// Levels of AND, OR and NOT in one query. Redundant parentheses do not count. A hold stores its query as JSON, and JSON
/// readers stop at 128 levels, of which each of these takes two.
pub const TREE_DEPTH: usize = 50;

/// A query that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// What it says.
    pub expr: Node,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
}

/// Reads a query. A blank one is everything.
///
/// # Errors
/// What is wrong, where, and what to write instead.
pub fn parse(query: &str) -> Result<Parsed, QueryError> {
    if query.chars().count() > QUERY_CHARS {
        let message = format!("it is longer than {QUERY_CHARS} characters");
        return Err(QueryError::new(query.len()..query.len(), message).hint("split it into several queries"));
    }
    let (tokens, warnings) = lexer::lex(query)?;
    let blank = tokens.is_empty();
    if blank && !query.trim().is_empty() && !warnings.is_empty() {
        let error = QueryError::new(0..query.len(), "nothing to look for: no letter, digit or emoji");
        return Err(error.hint("a blank query finds everything"));
    }
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), end: query.len(), depth: 0, warnings };
    let expr = if blank { Node::All } else { parser.query()? };
    if let Some(token) = parser.tokens.next() {
        return Err(QueryError::new(token.span, "this parenthesis was never opened").hint("take it away, or open one"));
    }
    if expr.depth() > TREE_DEPTH {
        return Err(QueryError::new(0..query.len(), format!("more than {TREE_DEPTH} levels of AND, OR and NOT")));
    }
    parser.warnings.sort_by_key(|warning| warning.span);
    Ok(Parsed { expr, warnings: parser.warnings })
}

pub(super) struct Parser {
    pub(super) tokens: Peekable<vec::IntoIter<Token>>,
    end: usize,
    depth: usize,
    pub(super) warnings: Vec<Warning>,
}

/// An operand, and what its neighbours have to know of it.
pub(super) struct Item {
    pub(super) node: Node,
    span: Range<usize>,
    pub(super) shape: Shape,
    /// What NEAR can use of it: words and phrases, or a choice of them. Empty: it cannot.
    rows: Vec<Row>,
}

impl Item {
    fn new(node: Node, span: Range<usize>, shape: Shape) -> Self {
        Self { node, span, shape, rows: Vec::new() }
    }
}

#[derive(PartialEq)]
pub(super) enum Shape {
    /// A restriction that nothing negates, and whether it compares with `<` or `>`.
    Restriction { property: &'static Property, ordered: bool },
    /// A free word as it was typed.
    Word(String),
    /// Joined by AND (or NOT) without parentheses.
    And,
    /// Joined by OR without parentheses.
    Or,
    /// Anything else.
    Other,
}

impl Parser {
    pub(super) fn next_is(&mut self, kind: &TokenKind) -> bool {
        self.tokens.peek().is_some_and(|token| token.kind == *kind)
    }

    /// Operands next to each other, up to the end, a closing parenthesis or a mark.
    fn items(&mut self) -> Result<Vec<Item>, QueryError> {
        let ends =
            |token: &Token| matches!(token.kind, TokenKind::Close | TokenKind::RowMark | TokenKind::ConditionMark);
        let mut items = vec![self.or()?];
        while self.tokens.peek().is_some_and(|token| !ends(token)) {
            items.push(self.or()?);
        }
        Ok(items)
    }

    /// The same, joined: by AND, and by OR between restrictions of one property.
    pub(super) fn join(&mut self) -> Result<Item, QueryError> {
        let items = self.items()?;
        if items.len() > 1
            && let Some(or) = items.iter().find(|item| item.shape == Shape::Or)
        {
            let text = "OR binds tighter than a blank: `a b OR c` means a AND (b OR c)";
            self.warnings.push(Warning::new(WarningCode::MixedOperators, &or.span, text));
        }
        let mut items = self.join_restrictions(join_numbers(items));
        match (items.pop(), items.is_empty()) {
            (Some(only), true) => Ok(only),
            (last, _) => {
                items.extend(last);
                let span = items.first().zip(items.last()).map_or(0..0, |(a, b)| a.span.start..b.span.end);
                let node = Node::and(items.into_iter().map(|item| item.node).collect());
                Ok(Item::new(node, span, Shape::Other))
            }
        }
    }

    /// Neighbouring restrictions of one property are alternatives.
    fn join_restrictions(&mut self, items: Vec<Item>) -> Vec<Item> {
        let mut out: Vec<Item> = Vec::new();
        for item in items {
            let joined = match (out.last_mut(), &item.shape) {
                (Some(last), Shape::Restriction { property, ordered }) => match &last.shape {
                    Shape::Restriction { property: before, ordered: was } if before == property => {
                        let ordered = *ordered || *was;
                        Some((last, *property, ordered))
                    }
                    _ => None,
                },
                _ => None,
            };
            match joined {
                None => out.push(item),
                Some((last, property, ordered)) => {
                    let name = property.name;
                    let hint = if ordered { "; for a stretch write a..b" } else { "" };
                    let text = format!(
                        "two restrictions on `{name}` next to each other were joined with OR; write AND between them \
                         if both must hold{hint}"
                    );
                    let span = last.span.start..item.span.end;
                    self.warnings.push(Warning::new(WarningCode::SamePropertyOr, &span, text));
                    let before = std::mem::replace(&mut last.node, Node::All);
                    last.node = Node::or(vec![before, item.node]);
                    last.span = span;
                    last.shape = Shape::Restriction { property, ordered };
                }
            }
        }
        out
    }

    fn or(&mut self) -> Result<Item, QueryError> {
        let first = self.and()?;
        if !self.next_is(&TokenKind::Or) {
            return Ok(first);
        }
        let mut span = first.span.clone();
        let mut mixed = first.shape == Shape::And;
        let mut rows = vec![first.rows];
        let mut parts = vec![first.node];
        while self.next_is(&TokenKind::Or) {
            self.tokens.next();
            let part = self.and()?;
            mixed |= part.shape == Shape::And;
            span.end = part.span.end;
            rows.push(part.rows);
            parts.push(part.node);
        }
        if mixed {
            let text = "AND binds tighter than OR: `a AND b OR c` means (a AND b) OR c";
            self.warnings.push(Warning::new(WarningCode::MixedOperators, &span, text));
        }
        let all = rows.iter().all(|rows| !rows.is_empty());
        let rows = if all { rows.concat() } else { Vec::new() };
        Ok(Item { node: Node::or(parts), span, shape: Shape::Or, rows })
    }

    fn and(&mut self) -> Result<Item, QueryError> {
        let mut item = self.not()?;
        let mut parts = Vec::new();
        loop {
            // `a NOT b` is `a AND NOT b`; the NOT is left for the operand.
            if self.next_is(&TokenKind::And) {
                self.tokens.next();
            } else if !self.next_is(&TokenKind::Not) {
                break;
            }
            let next = self.not()?;
            let span = item.span.start..next.span.end;
            parts.push(std::mem::replace(&mut item, Item::new(next.node, span, Shape::And)).node);
        }
        if !parts.is_empty() {
            parts.push(std::mem::replace(&mut item.node, Node::All));
            item.node = Node::and(parts);
        }
        Ok(item)
    }

    fn not(&mut self) -> Result<Item, QueryError> {
        let mut start = None;
        let mut negated = false;
        while let Some(token) =
            self.tokens.next_if(|token| matches!(token.kind, TokenKind::Not | TokenKind::Minus | TokenKind::Plus))
        {
            start.get_or_insert(token.span.start);
            negated ^= token.kind != TokenKind::Plus;
        }
        let mut item = self.ranked()?;
        if let Some(start) = start {
            item.span.start = start;
            item.rows = Vec::new();
        }
        if negated {
            item.node = item.node.negated();
            item.shape = Shape::Other;
        }
        Ok(item)
    }

    /// `a XRANK(…) b` finds what `a` finds: only the order of hits depends on `b`.
    fn ranked(&mut self) -> Result<Item, QueryError> {
        let mut item = self.near()?;
        while let Some(token) = self.tokens.next_if(|token| token.kind == TokenKind::Rank) {
            let rank = self.near()?;
            let text = "XRANK changes the order of hits only; it and what stands behind it were ignored";
            self.warnings.push(Warning::new(WarningCode::RankIgnored, &(token.span.start..rank.span.end), text));
            item.span.end = rank.span.end;
        }
        Ok(item)
    }

    /// Operands with NEAR or ONEAR between them.
    fn near(&mut self) -> Result<Item, QueryError> {
        let first = self.operand()?;
        if !matches!(self.tokens.peek(), Some(Token { kind: TokenKind::Near(_), .. })) {
            return Ok(first);
        }
        let (mut items, mut gaps): (Vec<Item>, Vec<Gap>) = (vec![first], Vec::new());
        while let Some(token) = self.tokens.next_if(|token| matches!(token.kind, TokenKind::Near(_))) {
            if let TokenKind::Near(gap) = token.kind {
                gaps.push(gap);
                items.push(self.operand()?);
            }
        }
        let span = items.first().zip(items.last()).map_or(0..0, |(a, b)| a.span.start..b.span.end);
        if let Some(wrong) = items.iter().find(|item| item.rows.is_empty()) {
            let message = "NEAR and ONEAR take words and phrases, or a choice of them";
            let error = QueryError::new(wrong.span.clone(), message);
            return Err(error.hint("write for instance (fraud OR bribe*) NEAR(5) \"wire transfer\""));
        }
        let operands = items.into_iter().map(|item| item.rows).collect();
        Ok(Item::new(Node::Leaf(Leaf::Near(Near { operands, gaps })), span, Shape::Other))
    }

    fn operand(&mut self) -> Result<Item, QueryError> {
        let Some(Token { kind, span }) = self.tokens.next() else {
            let error = QueryError::new(self.end..self.end, "something is missing at the end");
            return Err(error.hint("an operator needs an operand on each side"));
        };
        let mut rows = Vec::new();
        let (node, shape) = match kind {
            TokenKind::Open => return self.group(span),
            TokenKind::Each(each) => return self.each(each, span),
            TokenKind::Words(texts) => {
                let mut parts = Vec::with_capacity(texts.len());
                for text in texts {
                    rows.extend(value::row(&text));
                    parts.push(value::free(text, &mut self.warnings)?);
                }
                (Node::or(parts), Shape::Other)
            }
            TokenKind::Close => {
                let error = QueryError::new(span, "something is missing before this parenthesis");
                return Err(error.hint("parentheses must be balanced and not empty"));
            }
            TokenKind::And | TokenKind::Or | TokenKind::Near(_) | TokenKind::Rank => {
                let error = QueryError::new(span, "an operator cannot stand here");
                return Err(
                    error.hint("AND, OR and NEAR stand between two operands; quote the word if it is meant as text")
                );
            }
            TokenKind::Not | TokenKind::Minus | TokenKind::Plus => {
                return Err(QueryError::new(span, "an operator cannot stand here"));
            }
            TokenKind::RowMark | TokenKind::ConditionMark => {
                let error = QueryError::new(span, "this mark cannot stand here");
                return Err(error.hint("(c:s) stands between two rows of keywords, (c:c) before the conditions"));
            }
            TokenKind::Word(text) => {
                rows.extend(value::row(&text));
                let shape = if text.star { Shape::Other } else { Shape::Word(text.text.clone()) };
                (value::free(text, &mut self.warnings)?, shape)
            }
            TokenKind::Phrase(text) => {
                rows.extend(value::row(&text));
                (value::free(text, &mut self.warnings)?, Shape::Other)
            }
            TokenKind::Restriction { property, op, value, quoted } => {
                let node = value::restriction(property, op, value, quoted, &mut self.warnings)?;
                let shape = match op {
                    Op::IsNot => Shape::Other,
                    _ => Shape::Restriction { property, ordered: op != Op::Is },
                };
                (node, shape)
            }
        };
        Ok(Item { node, span, shape, rows })
    }

    /// `ANY(…)`, `ALL(…)`, `NONE(…)`.
    fn each(&mut self, each: Each, span: Range<usize>) -> Result<Item, QueryError> {
        let Some(open) = self.tokens.next_if(|token| token.kind == TokenKind::Open) else {
            return Err(QueryError::new(span, "a list in parentheses must follow"));
        };
        let (items, close) = self.grouped(open.span)?;
        let items = join_numbers(items);
        let all = items.iter().all(|item| !item.rows.is_empty());
        let rows = items.iter().flat_map(|item| item.rows.clone()).collect();
        let parts = items.into_iter().map(|item| item.node).collect();
        let (node, rows) = match each {
            Each::Any => (Node::or(parts), if all { rows } else { Vec::new() }),
            Each::All => (Node::and(parts), Vec::new()),
            Each::None => (Node::or(parts).negated(), Vec::new()),
        };
        Ok(Item { node, span: span.start..close, shape: Shape::Other, rows })
    }

    fn group(&mut self, open: Range<usize>) -> Result<Item, QueryError> {
        let start = open.start;
        self.enter(&open)?;
        let item = self.join()?;
        let end = self.leave(open)?;
        Ok(Item { span: start..end, shape: Shape::Other, ..item })
    }

    fn grouped(&mut self, open: Range<usize>) -> Result<(Vec<Item>, usize), QueryError> {
        self.enter(&open)?;
        let items = self.items()?;
        Ok((items, self.leave(open)?))
    }

    pub(super) fn enter(&mut self, open: &Range<usize>) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > QUERY_DEPTH {
            return Err(QueryError::new(open.clone(), format!("parentheses are nested more than {QUERY_DEPTH} deep")));
        }
        Ok(())
    }

    /// The end of the parenthesis that closes the group.
    pub(super) fn leave(&mut self, open: Range<usize>) -> Result<usize, QueryError> {
        let Some(close) = self.tokens.next_if(|token| token.kind == TokenKind::Close) else {
            let error = QueryError::new(open, "this parenthesis is never closed");
            return Err(error.hint("add a ) where the group ends"));
        };
        self.depth -= 1;
        Ok(close.span.end)
    }
}

/// A number that was typed with blanks (`+44 7700 900101`) is several words; it also means the party with that number.
fn join_numbers(items: Vec<Item>) -> Vec<Item> {
    let mut out = Vec::with_capacity(items.len());
    let mut rest = items.into_iter().peekable();
    while let Some(first) = rest.next() {
        let Shape::Word(start) = &first.shape else {
            out.push(first);
            continue;
        };
        if !start.starts_with('+') && !start.starts_with("00") {
            out.push(first);
            continue;
        }
        let mut written = start.clone();
        let mut words = vec![first];
        while let Some(next) = rest.next_if(|next| is_number_part(next, &written)) {
            if let Shape::Word(word) = &next.shape {
                written.push_str(word);
            }
            words.push(next);
        }
        match PhoneNumber::parse(&written).filter(|_| words.len() > 1) {
            None => out.extend(words),
            Some(number) => out.extend(number_item(words, &number)),
        }
    }
    out
}

fn is_number_part(item: &Item, before: &str) -> bool {
    let Shape::Word(word) = &item.shape else { return false };
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let plain = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '/'));
    plain && digits(before) + digits(word) <= PhoneNumber::MAX_DIGITS
}

fn number_item(words: Vec<Item>, number: &PhoneNumber) -> Option<Item> {
    let span = words.first()?.span.start..words.last()?.span.end;
    let all = Node::and(words.into_iter().map(|item| item.node).collect());
    let digits = number.digits().to_owned();
    let party = Node::Leaf(Leaf::Person { role: Role::Any, id: digits.clone(), prefix: false });
    let written = Node::Leaf(Leaf::Written { digits, prefix: false });
    Some(Item::new(Node::or(vec![all, party, written]), span, Shape::Other))
}
