//! The reader on databases of every generation, whole and hostile.

mod fixture;
mod hostile;
mod legacy;
mod modern;
mod newer;
mod sources;
