//! Rows of keywords and conditions, as Purview stores a search: `report(c:s)budget(c:c)(date<2021-04-01)(subject:"x")`.
//!
//! Rows are alternatives. Conditions apply to the whole keyword part; those of one property are alternatives, wherever they
//! stand, negated ones and those of different properties must all hold. Contract: as for the parser.

use super::{
    ast::Node,
    error::{QueryError, Warning, WarningCode},
    parser::{Parser, Shape},
    property::PropertyKind,
    token::{Text, Token, TokenKind},
    value,
};
use std::ops::Range;

/// One condition.
struct Condition {
    /// The property, if it is a restriction that nothing negates.
    property: Option<&'static str>,
    node: Node,
}

impl Parser {
    /// A whole query.
    pub(super) fn query(&mut self) -> Result<Node, QueryError> {
        if self.next_is(&TokenKind::ConditionMark) {
            return self.conditions(Node::All);
        }
        let mut rows = vec![self.join()?.node];
        while self.next_is(&TokenKind::RowMark) {
            self.tokens.next();
            rows.push(self.join()?.node);
        }
        self.conditions(Node::or(rows))
    }

    fn conditions(&mut self, keywords: Node) -> Result<Node, QueryError> {
        let mut conditions = Vec::new();
        while let Some(mark) = self.tokens.next_if(|token| token.kind == TokenKind::ConditionMark) {
            let before = conditions.len();
            while let Some(open) = self.tokens.next_if(|token| token.kind == TokenKind::Open) {
                conditions.push(self.condition(open.span)?);
            }
            if conditions.len() == before {
                let error = QueryError::new(mark.span, "no condition follows this mark");
                return Err(error.hint("write each condition in parentheses: report(c:c)(sent>=2026-01-01)(kind:chat)"));
            }
        }
        let mut groups: Vec<(Option<&str>, Vec<Node>)> = Vec::new();
        for Condition { property, node } in conditions {
            match groups.iter_mut().find(|(known, _)| property.is_some() && *known == property) {
                Some((_, nodes)) => nodes.push(node),
                None => groups.push((property, vec![node])),
            }
        }
        let mut parts = vec![keywords];
        parts.extend(groups.into_iter().map(|(_, nodes)| Node::or(nodes)));
        parts.retain(|part| *part != Node::All);
        Ok(Node::and(parts))
    }

    fn condition(&mut self, open: Range<usize>) -> Result<Condition, QueryError> {
        self.enter(&open)?;
        let negation = self.tokens.next_if(|token| matches!(token.kind, TokenKind::Minus | TokenKind::Not)).is_some();
        let condition = match self.several()? {
            Some(condition) => condition,
            None => {
                let item = self.join()?;
                let property = match item.shape {
                    Shape::Restriction { property, .. } => Some(property.name),
                    _ => None,
                };
                Condition { property, node: item.node }
            }
        };
        self.leave(open)?;
        Ok(match negation {
            true => Condition { property: None, node: condition.node.negated() },
            false => condition,
        })
    }

    /// `(from:ann;bob)`: a condition with several values means any of them.
    fn several(&mut self) -> Result<Option<Condition>, QueryError> {
        let is_list = |token: &Token| match &token.kind {
            TokenKind::Restriction { property, value, quoted, .. } => {
                let takes = matches!(
                    property.kind,
                    PropertyKind::Text(_)
                        | PropertyKind::Person(_)
                        | PropertyKind::Kind
                        | PropertyKind::Mailbox
                        | PropertyKind::ItemClass
                        | PropertyKind::Number
                );
                takes && !quoted && value.text.contains([',', ';'])
            }
            _ => false,
        };
        let Some(Token { kind: TokenKind::Restriction { property, op, value, .. }, span }) =
            self.tokens.next_if(is_list)
        else {
            return Ok(None);
        };
        let texts: Vec<&str> = value.text.split([',', ';']).map(str::trim).filter(|text| !text.is_empty()).collect();
        let mut nodes = Vec::with_capacity(texts.len());
        for (at, text) in texts.iter().enumerate() {
            let star = value.star && at + 1 == texts.len();
            let one = Text { text: (*text).to_owned(), star, span: value.span.clone() };
            nodes.push(value::restriction(property, op, one, false, &mut self.warnings)?);
        }
        let text = format!("the values of `{}` were taken for alternatives", property.name);
        self.warnings.push(Warning::new(WarningCode::SeveralValues, &span, text));
        // Not any of them: every single one must differ.
        let differ = op == super::token::Op::IsNot;
        let node = if differ { Node::and(nodes) } else { Node::or(nodes) };
        Ok(Some(Condition { property: (!differ).then_some(property.name), node }))
    }
}
