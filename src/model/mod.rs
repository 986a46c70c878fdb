//! Plain data: the words of the archive, one meaning each.
//!
//! Contract: values only. Nothing here reads a file, a clock or the environment; every type can be built in a
//! test. Types that stand in `state.bin` are written with bincode, so they use neither `skip_serializing_if` nor
//! internally tagged enums; [`event::Event`] is JSON only.

pub mod case;
pub mod conversation;
pub mod details;
pub mod erasure;
pub mod event;
pub mod finding;
pub mod hold;
pub mod id;
pub mod instant;
pub mod limits;
pub mod line;
pub mod mailbox;
pub mod message;
pub mod participant;
pub mod period;
pub mod plan;
pub mod retention;
pub mod role;
pub mod run;
pub mod setting;
pub mod tag;
pub mod user;
pub mod zone;

pub use case::{
    Approval, Case, CaseClosing, CaseFile, CaseNote, CustodianTerm, OrdinalSet, SavedSearch, SearchPass, Signed,
};
pub use conversation::{Conversation, ConversationKind};
pub use details::Details;
pub use erasure::{Erasure, SubjectKey};
pub use event::{Actor, Event};
pub use finding::{Code, Finding, Place, Severity};
pub use hold::{Binding, Hold, HoldKind, HoldScope};
pub use id::{CaseId, Digest, ErasureId, ExportId, HoldId, LabelId, MessageId, Ordinal, PlanId, PolicyId, RunId, Seq};
pub use instant::Instant;
pub use line::{Entry, Line, Watermark};
pub use mailbox::MailboxName;
pub use message::{
    Attachment, Call, CallMedia, Carbon, Deletion, DeletionScope, Edit, Identity, Message, MessageKind, ReadState,
    SourceKind,
};
pub use participant::{Participant, PhoneNumber};
pub use period::Period;
pub use plan::{Plan, PlanBasis, PlanStatus};
pub use retention::{
    AutoRule, Change, Floor, Label, LabelUse, PeriodStart, Policy, PolicyScope, Schedule, Terms, Then,
};
pub use role::{Right, Role, Roles};
pub use run::{Balance, Items, Run};
pub use setting::{MailMode, Settings, WeekStart};
pub use tag::{fold_tag, tag_name};
pub use user::{MappingRow, User, UserStatus};
pub use zone::{Zone, ZoneOffset};
