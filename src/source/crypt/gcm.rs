//! AES-256-GCM with a nonce of 16 bytes, in chunks (NIST SP 800-38D).
//!
//! The crate that we use elsewhere for it wants the whole text in memory, and a backup may have gigabytes. Only its block
//! cipher is used here; the tests hold the result against that crate's own. Decryption only, of the user's own file with
//! the user's own key: table lookups that depend on the key tell nobody anything.

use aes_gcm::{
    KeyInit,
    aes::{Aes256, Block, cipher::BlockCipherEncrypt},
};

/// The polynomial of GCM's field, reflected.
const POLYNOMIAL: u128 = 0xe1 << 120;
/// Blocks that are enciphered at a time.
const BLOCKS: usize = 64;

/// One file under one key and nonce. Chunks are multiples of 16 bytes except for the last.
pub struct Stream {
    cipher: Aes256,
    counter: [u8; 16],
    /// What the tag is masked with.
    mask: u128,
    hash: Ghash,
    bytes: u64,
}

impl Stream {
    /// At the first byte.
    pub fn new(key: &[u8; 32], iv: &[u8; 16]) -> Self {
        let cipher = Aes256::new(&(*key).into());
        let mut zero = Block::default();
        cipher.encrypt_block(&mut zero);
        let mut hash = Ghash::new(u128::from_be_bytes(zero.into()));
        // A nonce that has not 12 bytes is hashed, with its length in bits.
        hash.block(u128::from_be_bytes(*iv));
        hash.block(128);
        let start = hash.state.to_be_bytes();
        hash.state = 0;
        let mut mask: Block = start.into();
        cipher.encrypt_block(&mut mask);
        let mut stream = Self { cipher, counter: start, mask: u128::from_be_bytes(mask.into()), hash, bytes: 0 };
        stream.advance();
        stream
    }

    /// The plaintext of the first block; nothing moves on.
    pub fn peek(&self, first: [u8; 16]) -> [u8; 16] {
        let mut key: Block = self.counter.into();
        self.cipher.encrypt_block(&mut key);
        (u128::from_be_bytes(key.into()) ^ u128::from_be_bytes(first)).to_be_bytes()
    }

    /// Takes ciphertext into the tag.
    pub fn authenticate(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        for part in chunk.chunks(16) {
            let mut block = [0; 16];
            block.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.hash.block(u128::from_be_bytes(block));
        }
    }

    /// Whether what was authenticated has this tag.
    pub fn tag_is(mut self, tag: &[u8; 16]) -> bool {
        self.hash.block(u128::from(self.bytes) * 8);
        self.hash.state ^ self.mask == u128::from_be_bytes(*tag)
    }

    /// Turns ciphertext into plaintext.
    pub fn decrypt(&mut self, chunk: &mut [u8]) {
        let mut keys = [Block::default(); BLOCKS];
        for part in chunk.chunks_mut(16 * BLOCKS) {
            for key in &mut keys {
                *key = self.counter.into();
                self.advance();
            }
            self.cipher.encrypt_blocks(&mut keys);
            for (byte, key) in part.iter_mut().zip(keys.iter().flatten()) {
                *byte ^= key;
            }
        }
    }

    /// The last four bytes count.
    fn advance(&mut self) {
        let whole = u128::from_be_bytes(self.counter);
        #[allow(clippy::cast_possible_truncation)]
        let next = (whole as u32).wrapping_add(1);
        self.counter = (whole & !u128::from(u32::MAX) | u128::from(next)).to_be_bytes();
    }
}

/// Multiplication by one element of GCM's field, eight bits at a time.
struct Ghash {
    state: u128,
    /// Byte → byte · H.
    products: Box<[u128; 256]>,
    /// Byte that is shifted out → what it adds.
    carries: Box<[u128; 256]>,
}

impl Ghash {
    fn new(h: u128) -> Self {
        let times_x = |v: u128| if v & 1 == 1 { (v >> 1) ^ POLYNOMIAL } else { v >> 1 };
        let mut ghash = Self { state: 0, products: Box::new([0; 256]), carries: Box::new([0; 256]) };
        for (byte, product) in ghash.products.iter_mut().enumerate() {
            let mut power = h;
            for bit in (0..8).rev() {
                if byte >> bit & 1 == 1 {
                    *product ^= power;
                }
                power = times_x(power);
            }
        }
        for (byte, carry) in ghash.carries.iter_mut().enumerate() {
            *carry = (0..8).fold(byte as u128, |v, _| times_x(v));
        }
        ghash
    }

    fn block(&mut self, block: u128) {
        let mut product = 0_u128;
        for byte in (self.state ^ block).to_le_bytes() {
            #[allow(clippy::cast_possible_truncation)]
            let out = usize::from(product as u8);
            product = product >> 8
                ^ self.carries.get(out).copied().unwrap_or(0)
                ^ self.products.get(usize::from(byte)).copied().unwrap_or(0);
        }
        self.state = product;
    }
}
