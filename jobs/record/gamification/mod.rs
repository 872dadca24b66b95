//! What the clock does to the game: dates end for learners, weeks and months for leaderboards.
//!
//! Not here: what is counted behind learners' activity (`stoa_record::gamification`).

mod close_boards;
mod roll_over;

pub use close_boards::CloseBoards;
pub use roll_over::RollOver;
