//! Files: the only floor that touches the file system.

pub mod evidence;
