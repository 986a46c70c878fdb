//! Every path, macro and attribute that the non-test code of a file names.

use syn::visit::{self, Visit};

/// What was found in one file.
#[derive(Default)]
pub struct Names {
    /// Paths with the inline modules that they stand in.
    pub paths: Vec<(Vec<String>, Vec<String>)>,
    /// Names of methods that are called.
    pub methods: Vec<String>,
    /// Names of macros that are called.
    pub macros: Vec<String>,
    /// The text of every `allow` and `expect` attribute.
    pub allowances: Vec<String>,
    /// Test modules that are compiled outside tests.
    pub loose_tests: Vec<String>,
    /// Inline modules around the current place.
    inside: Vec<String>,
}

/// Reads a file.
pub fn names(file: &syn::File) -> Names {
    let mut names = Names::default();
    names.visit_file(file);
    names
}

/// Whether these attributes keep the item out of every build but the tests.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = tokens_of(&attribute.meta);
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let cfg = attribute.path().is_ident("cfg") && words.contains(&"test");
        attribute.path().is_ident("test") || (cfg && !words.contains(&"not") && !words.contains(&"any"))
    })
}

fn tokens_of(meta: &syn::Meta) -> String {
    match meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        syn::Meta::Path(_) | syn::Meta::NameValue(_) => String::new(),
    }
}

impl Names {
    fn path(&mut self, segments: Vec<String>) {
        if !segments.is_empty() {
            self.paths.push((self.inside.clone(), segments));
        }
    }

    fn use_tree(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        let with = |ident: &syn::Ident| {
            let mut path = prefix.to_vec();
            path.push(ident.to_string());
            path
        };
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) if name.ident == "self" => self.path(prefix.to_vec()),
            syn::UseTree::Rename(name) if name.ident == "self" => self.path(prefix.to_vec()),
            syn::UseTree::Name(name) => self.path(with(&name.ident)),
            syn::UseTree::Rename(name) => self.path(with(&name.ident)),
            syn::UseTree::Glob(_) => self.path([prefix, &["*".to_owned()]].concat()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(item, prefix)),
        }
    }

    /// Paths, macros and method calls in the tokens of a macro call, which have no syntax tree.
    fn tokens(&mut self, text: &str) {
        let words = words(text);
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            if !is_name(word) {
                continue;
            }
            let after_dot = at >= 2 && words.get(at - 2).is_some_and(|before| before == ".");
            let mut path = vec![word.clone()];
            while words.get(at).is_some_and(|sep| sep == "::") && words.get(at + 1).is_some_and(|next| is_name(next)) {
                path.push(words[at + 1].clone());
                at += 2;
            }
            let next = words.get(at).map(String::as_str);
            match (next, path.last()) {
                (Some("!"), Some(name)) if words.get(at + 1).is_some_and(|open| "([{".contains(open.as_str())) => {
                    self.macros.push(name.clone());
                }
                (Some("("), Some(name)) if after_dot => self.methods.push(name.clone()),
                _ => self.path(path),
            }
        }
    }
}

fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// Names, `::` and other characters; literals are left out.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                while let Some(inside) = chars.next() {
                    match inside {
                        '\\' => _ = chars.next(),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ':' if chars.peek() == Some(&':') => {
                chars.next();
                words.push("::".to_owned());
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = c.to_string();
                while let Some(more) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(more);
                }
                words.push(word);
            }
            c if c.is_whitespace() => {}
            c => words.push(c.to_string()),
        }
    }
    words
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(item_attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Fn(inner) => &inner.attrs,
            syn::ImplItem::Const(inner) => &inner.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        if super::rules::is_test_module(&name) {
            self.loose_tests.push(name.clone());
        }
        self.inside.push(name);
        visit::visit_item_mod(self, module);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, &[]);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.path(vec![item.ident.to_string()]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.methods.push(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(name) = call.path.segments.last() {
            self.macros.push(name.ident.to_string());
        }
        self.path(call.path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        self.tokens(&call.tokens.to_string());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let text = tokens_of(&attribute.meta);
        let conditional = attribute.path().is_ident("cfg_attr") && !text.starts_with("test");
        if attribute.path().is_ident("allow") || attribute.path().is_ident("expect") || conditional {
            self.allowances.push(text);
        }
    }
}

/// The attributes of an item, whatever it is.
fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::ExternCrate(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
