# `just` alone lists what there is.
_default:
    @just --list

# Everything that CI runs
ci:
    .ci/run

# All tests
test:
    cargo test

# Format and lint
lint:
    cargo fmt
    cargo clippy --all-targets -- --deny warnings

# Write generated files anew: schemas and documentation made from the code
generate:
    WARROOM_BLESS=1 cargo test

# Look at changed snapshots one by one
bless:
    cargo insta review

# The whole tool at work, without a Mattermost
demo:
    cargo run --release -- demo

# Ten thousand random workspaces: a sync leaves nothing to plan, nor does an import with adoption, and a revert brings back what was there
convergence:
    WARROOM_CASES=10000 cargo test --release --lib -- --nocapture applying_then_planning_is_empty a_revert_brings_back after_import_with_adoption

# The contract and the main job against a real server (WARROOM_LIVE_URL, WARROOM_LIVE_TOKEN)
live:
    cargo test --test it live -- --ignored
