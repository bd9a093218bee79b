import { expect, test } from 'vitest';
import { isPassing, reasonIn, takenIn } from '../../services/server-log.ts';

// As the servers wrote them.
const LOGS = {
  checked: "Error: can't set frontend port 7233: listen tcp 127.0.0.1:7233: bind: address already in use\n",
  panic: `time=2026-11-27T15:05:24.635 level=ERROR msg="Failed to start gRPC listener" error="listen tcp 127.0.0.1:7233: bind: address already in use" service=frontend address=127.0.0.1:7233
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x20 pc=0x2bb0889]

goroutine 1 [running]:
go.temporal.io/server/service/frontend.NewHTTPAPIServer(0x35f82ab37b08, {0x6aae, 0x0, 0x0, {0x7ffe53f2c94a, 0x9}, 0x8e4d})
	/home/runner/go/pkg/mod/go.temporal.io/server@v1.32.0/service/frontend/http_api_server.go:8233 +0x89
`,
  ui: `{"time":"2026-11-27T15:05:33.255172031Z","level":"FATAL","prefix":"echo","file":"server.go","line":"155","message":"listen tcp 127.0.0.1:8233: bind: address already in use"}\n`,
  postgres: `2026-11-27 15:05:24.635 UTC [4711] LOG:  starting PostgreSQL 18.4 on x86_64-pc-linux-gnu
2026-11-27 15:05:24.636 UTC [4711] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
2026-11-27 15:05:24.636 UTC [4711] HINT:  Is another postmaster already running on port 5433? If not, wait a few seconds and retry.
2026-11-27 15:05:24.636 UTC [4711] WARNING:  could not create listen socket for "127.0.0.1"
2026-11-27 15:05:24.636 UTC [4711] FATAL:  could not create any TCP/IP sockets
2026-11-27 15:05:24.637 UTC [4711] LOG:  database system is shut down
`,
  held: `2026-11-27 15:05:24.636 UTC [4711] FATAL:  pre-existing shared memory block (key 12, ID 3) is still in use\n`,
  database:
    'Error: failed starting server: failed creating namespaces: unable to create SQLite admin DB: file is not a database (26)\n',
  library: '/opt/postgres: error while loading shared libraries: libicu.so.60: cannot open shared object file\n',
  silent: 'Starting.\nNo, not today.\n',
};

test.each([
  [LOGS.checked, "can't set frontend port 7233: listen tcp 127.0.0.1:7233: bind: address already in use"],
  [LOGS.panic, 'listen tcp 127.0.0.1:7233: bind: address already in use'],
  [LOGS.ui, 'listen tcp 127.0.0.1:8233: bind: address already in use'],
  [LOGS.postgres, 'could not create any TCP/IP sockets'],
  [LOGS.database, expect.stringMatching(/^failed starting server.*file is not a database \(26\)$/)],
  [LOGS.library, expect.stringMatching(/libicu\.so\.60: cannot open/)],
  [LOGS.silent, 'No, not today.'],
  ['', ''],
])('a log %j says why in a few words', (log, words) => {
  expect(reasonIn(log)).toEqual(words);
});

test.each([
  ['the Temporal CLI looked', LOGS.checked, [7233]],
  ['the Temporal server bound', LOGS.panic, [7233]],
  ['its Web UI bound', LOGS.ui, [8233]],
  ['PostgreSQL bound', LOGS.postgres, [5433]],
  ['PostgreSQL was killed just now', LOGS.held, []],
])('the next try may succeed where %s, and the log names the port that is not to be had', (_case, log, ports) => {
  expect(isPassing(log)).toBe(true);
  expect(takenIn(log, [7233, 8233, 5433])).toEqual(ports);
});

test.each([LOGS.database, LOGS.library, LOGS.silent])('no next try mends %j', (log) => {
  expect(isPassing(log)).toBe(false);
});
