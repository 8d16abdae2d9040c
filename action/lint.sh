#!/usr/bin/env bash
# Runs `warroom lint` for the action: findings become annotations, and SARIF if
# that was asked for. Ends as lint ends: 0 clean, 2 findings, 1 could not look.
set -euo pipefail

fail() {
  printf '::error title=warroom::%s\n' "$1"
  exit 1
}

warroom=$RUNNER_TEMP/warroom/bin/warroom
set -- lint "--directory=$DIRECTORY"
case "$STRICT" in
  true) set -- "$@" --strict ;;
  false) ;;
  *) fail "the input strict takes true or false" ;;
esac
case "$SARIF" in
  true | false) ;;
  *) fail "the input sarif takes true or false" ;;
esac

status=0
"$warroom" "$@" --format github || status=$?
if [ "$SARIF" = true ] && { [ "$status" = 0 ] || [ "$status" = 2 ]; }; then
  "$warroom" "$@" --format sarif >"$RUNNER_TEMP/warroom.sarif" || [ $? = 2 ]
  printf 'sarif=%s\n' "$RUNNER_TEMP/warroom.sarif" >>"$GITHUB_OUTPUT"
fi
exit "$status"
