//! For words and people that a search does not find: where they stand instead, what looks like them, who is called so.
//!
//! Contract: "nowhere" is said of what is nowhere. A user of the directory is known by name and address, whatever the messages
//! call them. Bounded: so many words and suggestions as the limits below say.

use super::{
    Asked,
    nothing::{NearName, NearUser, NothingFound, PartCount, Suggestion},
};
use crate::{
    Result,
    archive::Archive,
    index::letters_apart,
    model::User,
    query::{self, Expr, Leaf, Node, Role, TextField, words},
};

/// Words for which others are suggested.
const WORDS: usize = 5;
/// Words that a lint speaks of where they were meant as operators.
const OPERATORS: [&str; 4] = ["and", "or", "not", "near"];
/// Suggestions for one word or person.
const SUGGESTIONS: usize = 5;

/// Words in a row, as a condition looks for them.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    field: TextField,
    tokens: &'a [String],
    prefix: bool,
}

impl Wanted<'_> {
    fn expr(&self, field: TextField) -> Expr {
        Expr::Leaf(Leaf::Words { field, tokens: self.tokens.to_vec(), prefix: self.prefix })
    }

    fn text(&self) -> String {
        format!("{}{}", self.tokens.join(" "), if self.prefix { "*" } else { "" })
    }
}

impl Archive {
    /// For each condition on words or people of a part that finds nothing: what looks like it, or where its words stand.
    pub(super) fn suggest(&self, part: &Expr, asked: &Asked, nothing: &mut NothingFound) -> Result<()> {
        let mut leaves: Vec<&Leaf> = Vec::new();
        part.leaves(&mut |leaf, positive| {
            if positive && !leaves.contains(&leaf) {
                leaves.push(leaf);
            }
        });
        for leaf in leaves {
            let part = query::describe(&Expr::Leaf(leaf.clone()));
            let room = nothing.suggestions.len() < WORDS;
            match leaf {
                Leaf::Words { field, tokens, prefix } if room => {
                    let wanted = Wanted { field: *field, tokens, prefix: *prefix };
                    self.suggest_words(&part, wanted, asked, nothing)?;
                }
                Leaf::Person { role, id, prefix: false } if room => {
                    nothing.suggestions.push(self.like_person(&part, *role, id, asked)?);
                }
                _ => {}
            }
        }
        self.each_once(&mut nothing.suggestions);
        Ok(())
    }

    /// A word is told of once, and so is a user.
    fn each_once(&self, suggestions: &mut Vec<Suggestion>) {
        let (mut words, mut users): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        suggestions.retain(|suggestion| {
            let known_user = |email: &String| users.contains(email);
            let told = !suggestion.users.is_empty() && suggestion.users.iter().all(|user| known_user(&user.email));
            let new = !told && !words.contains(&suggestion.word);
            words.push(suggestion.word.clone());
            users.extend(suggestion.users.iter().map(|user| user.email.clone()));
            new
        });
    }

    fn suggest_words(&self, part: &str, wanted: Wanted<'_>, asked: &Asked, nothing: &mut NothingFound) -> Result<()> {
        let (users, more_users) = self.users_called(wanted, asked)?;
        if !users.is_empty() {
            let elsewhere = self.elsewhere(wanted, asked)?;
            let field = in_field(wanted.field);
            let (part, word) = (part.to_owned(), wanted.text());
            let said = Suggestion { part, word, field, elsewhere, users, more_users, ..Suggestion::default() };
            nothing.suggestions.push(said);
            return Ok(());
        }
        let last = wanted.tokens.len().saturating_sub(1);
        let (mut all_there, mut each) = (true, Vec::with_capacity(wanted.tokens.len()));
        for (at, token) in wanted.tokens.iter().enumerate() {
            let prefix = wanted.prefix && at == last;
            let one = Wanted { tokens: std::slice::from_ref(token), prefix, ..wanted };
            each.push(one.expr(wanted.field));
            if OPERATORS.contains(&token.as_str()) || self.count(&one.expr(wanted.field), asked)? > 0 {
                continue;
            }
            all_there = false;
            if nothing.suggestions.len() < WORDS {
                nothing.suggestions.push(self.like_word(part, one, asked)?);
            }
        }
        if all_there && wanted.tokens.len() > 1 {
            let messages = self.count(&Expr::and(each), asked)?;
            nothing.scattered.push(PartCount { part: part.to_owned(), messages });
        }
        Ok(())
    }

    fn like_word(&self, part: &str, wanted: Wanted<'_>, asked: &Asked) -> Result<Suggestion> {
        let mut said = Suggestion {
            part: part.to_owned(),
            word: wanted.text(),
            field: in_field(wanted.field),
            elsewhere: self.elsewhere(wanted, asked)?,
            ..Suggestion::default()
        };
        // A number that differs in one digit is another number.
        let number = said.word.bytes().all(|b| b.is_ascii_digit());
        let Some(index) = self.index.as_ref().filter(|_| !wanted.prefix && !number) else { return Ok(said) };
        let near = index.near_words(&said.word, wanted.field, SUGGESTIONS)?;
        said.stopped = near.stopped;
        for other in near.words {
            let tokens = vec![other.clone()];
            let leaf = Leaf::Words { field: wanted.field, tokens, prefix: false };
            let messages = self.count(&Expr::Leaf(leaf), asked)?;
            if messages > 0 {
                said.instead.push(NearName { word: other, messages });
            }
        }
        Ok(said)
    }

    /// Messages that have these words somewhere else than in this field.
    fn elsewhere(&self, wanted: Wanted<'_>, asked: &Asked) -> Result<u64> {
        match wanted.field {
            TextField::Any => Ok(0),
            _ => self.count(&wanted.expr(TextField::Any), asked),
        }
    }

    /// Users whose name or address has these words.
    fn users_called(&self, wanted: Wanted<'_>, asked: &Asked) -> Result<(Vec<NearUser>, u64)> {
        let Some(role) = role_of(wanted.field) else { return Ok((Vec::new(), 0)) };
        let called: Vec<&User> = self.state.users.values().filter(|user| is_called(user, wanted)).collect();
        let more = called.len().saturating_sub(SUGGESTIONS) as u64;
        let near = called.into_iter().take(SUGGESTIONS).map(|user| self.near_user(user, role, asked));
        Ok((near.collect::<Result<_>>()?, more))
    }

    /// A user, and the condition that finds their messages: that of this role, or any if it finds none.
    fn near_user(&self, user: &User, role: Role, asked: &Asked) -> Result<NearUser> {
        let found = |role: Role| -> Result<(Role, u64)> {
            let node = Node::Person { role, text: user.email.to_string(), star: false };
            let known = self.known_names();
            let closed = query::resolve(&node, &known.context(self)).map(|closed| closed.expr);
            Ok((role, self.count(&closed.unwrap_or(Expr::Nothing), asked)?))
        };
        let (role, messages) = match found(role)? {
            (Role::Any, messages) => (Role::Any, messages),
            (_, 0) => found(Role::Any)?,
            (role, messages) => (role, messages),
        };
        let query = format!("{}:{}", role.as_str(), user.email);
        Ok(NearUser { name: user.name.clone(), email: user.email.to_string(), query, messages })
    }

    /// A number or an address that no message has there: the user whose it is, else those of the directory that look like it.
    fn like_person(&self, part: &str, role: Role, id: &str, asked: &Asked) -> Result<Suggestion> {
        let tokens = words::wanted(id, false).tokens;
        let written = Expr::Leaf(Leaf::Words { field: TextField::Any, tokens, prefix: false });
        let anybody = Leaf::Person { role: Role::Any, id: id.to_owned(), prefix: false };
        let mut said = Suggestion {
            part: part.to_owned(),
            word: id.to_owned(),
            field: Some(role.as_str()),
            elsewhere: self.count(&Expr::or(vec![Expr::Leaf(anybody), written]), asked)?,
            ..Suggestion::default()
        };
        let mut near: Vec<(usize, String)> = Vec::new();
        for user in self.state.users.values() {
            let numbers = user.numbers.iter().map(|number| number.digits().to_owned());
            for own in std::iter::once(user.email.to_string()).chain(numbers) {
                if own == id {
                    said.users = vec![self.near_user(user, role, asked)?];
                    return Ok(said);
                }
                if let Some(apart) = letters_apart(id, &own, 2) {
                    near.push((apart, own));
                }
            }
        }
        near.sort();
        for (_, own) in near.into_iter().take(SUGGESTIONS) {
            let leaf = Leaf::Person { role, id: own.clone(), prefix: false };
            said.instead.push(NearName { word: own, messages: self.count(&Expr::Leaf(leaf), asked)? });
        }
        Ok(said)
    }
}

fn in_field(field: TextField) -> Option<&'static str> {
    (field != TextField::Any).then_some(field.as_str())
}

/// The role of a field in which people are named.
fn role_of(field: TextField) -> Option<Role> {
    match field {
        TextField::Any | TextField::Participants => Some(Role::Any),
        TextField::From => Some(Role::From),
        TextField::To => Some(Role::To),
        TextField::ToLine => Some(Role::ToLine),
        TextField::Cc => Some(Role::Cc),
        TextField::Bcc => Some(Role::Bcc),
        TextField::Subject | TextField::Body | TextField::AttachmentNames | TextField::Conversation => None,
    }
}

/// Whether each of these words is one of the user's name, or of the address before its `@`.
fn is_called(user: &User, wanted: Wanted<'_>) -> bool {
    let name = user.name.as_deref().map(words::folded).unwrap_or_default();
    let local = words::folded(user.email.as_str().split('@').next().unwrap_or_default());
    let last = wanted.tokens.len().saturating_sub(1);
    let is = |(at, token): (usize, &String), own: &str| match wanted.prefix && at == last {
        true => own.starts_with(token.as_str()),
        false => own == token,
    };
    let within = |own: &str| wanted.tokens.iter().enumerate().all(|token| own.split(' ').any(|own| is(token, own)));
    !wanted.tokens.is_empty() && (within(&name) || within(&local))
}
