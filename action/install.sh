#!/usr/bin/env bash
# Puts warroom into $RUNNER_TEMP/warroom/bin, for the action.
#
# Without a version that the workflow names, a released binary is taken only if
# its tag names the very commit that the workflow pinned; everything else is built
# with cargo. The release of tag v1.2.3 holds warroom-v1.2.3-TARGET.tar.gz, with the
# binary at its top. Nothing here needs a token, or looks at the files to check.
set -euo pipefail

fail() {
  printf '::error title=warroom::%s\n' "$1"
  exit 1
}

into=$RUNNER_TEMP/warroom
source=$GITHUB_ACTION_PATH
url=${ACTION_REPOSITORY:+$GITHUB_SERVER_URL/$ACTION_REPOSITORY}
# The folder of the checkout could choose a toolchain, or a registry, for cargo.
cd "$RUNNER_TEMP"

# The commit of a tag, or nothing.
commit_of() {
  GIT_TERMINAL_PROMPT=0 git ls-remote "$url" "refs/tags/$1" "refs/tags/$1^{}" 2>/dev/null |
    tail -n 1 | cut -f 1 || true
}

# The released binary of a tag, if there is one for this machine and it runs.
download() {
  local tag=$1 target
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) return 1 ;;
  esac
  mkdir -p "$into/bin"
  curl --proto '=https' --tlsv1.2 --fail --silent --location --max-time 120 \
    --output "$into/warroom.tar.gz" \
    "$url/releases/download/$tag/warroom-$tag-$target.tar.gz" &&
    tar -xzf "$into/warroom.tar.gz" -C "$into/bin" warroom &&
    "$into/bin/warroom" --version
}

build() {
  command -v cargo >/dev/null || fail "there is no released binary for this machine, and no cargo to build one"
  printf 'building %s, which takes some minutes\n' "$1"
  shift
  cargo install --locked --force --root "$into" "$@"
}

case "$INPUT_VERSION" in
  "")
    own=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$source/Cargo.toml" | head -n 1)
    tag=v$own
    if [ -n "$url" ] && [ -n "$ACTION_REF" ]; then
      wanted=$ACTION_REF
      [[ $wanted =~ ^[0-9a-f]{40}$ ]] || wanted=$(commit_of "$ACTION_REF")
      released=$(commit_of "$tag")
      if [ -n "$released" ] && [ "$released" = "$wanted" ] && download "$tag"; then
        exit 0
      fi
    fi
    build "the source of this action" --path "$source"
    ;;
  source)
    build "the source of this action" --path "$source"
    ;;
  *)
    [[ $INPUT_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
      fail "the input version takes a version such as 0.1.0, or source"
    [ -n "$url" ] || fail "the input version needs the action of a repository, not one of a folder"
    download "v$INPUT_VERSION" && exit 0
    build "version $INPUT_VERSION" --git "$url" --tag "v$INPUT_VERSION" warroom
    ;;
esac
