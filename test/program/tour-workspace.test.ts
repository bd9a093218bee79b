import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  emptyTourWorkspace,
  isTourWorkspace,
  requireOwnDatabase,
  tourWorkspace,
} from '../../program/tour-workspace.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import type { Profile } from '../../profiles/profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'biological-memory-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const contextOf = (workspace: string) => ({ workspace, report: () => undefined });
const profileAt = (path: string) => ({ path, file: 'profiles.yml' }) as Profile;

test('a folder that is no tour is refused and keeps what it holds', async () => {
  const workspace = join(folder, 'real');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'thesis.txt'), 'my only copy');
  await expect(emptyTourWorkspace(contextOf(workspace))).rejects.toThrow(ConfigurationError);
  await expect(emptyTourWorkspace(contextOf(workspace))).rejects.toThrow(/thesis\.txt/);
  expect(existsSync(join(workspace, 'thesis.txt'))).toBe(true);
});

test('a new folder becomes a tour, and a tour is emptied for the next', async () => {
  const workspace = join(folder, 'tour');
  await emptyTourWorkspace(contextOf(workspace));
  expect(isTourWorkspace(workspace)).toBe(true);
  writeFileSync(join(workspace, 'dev.duckdb'), '');
  await emptyTourWorkspace(contextOf(workspace));
  expect(existsSync(join(workspace, 'dev.duckdb'))).toBe(false);
  expect(isTourWorkspace(workspace)).toBe(true);
});

test('BIOLOGICAL_MEMORY_DIR names the real workspace: the tour gets a folder of its own in it', () => {
  expect(tourWorkspace(undefined, { BIOLOGICAL_MEMORY_DIR: '/data' })).toBe('/data/dream');
  expect(tourWorkspace(undefined, {})).toBe('.biological-memory/dream');
  expect(tourWorkspace('/elsewhere', { BIOLOGICAL_MEMORY_DIR: '/data' })).toBe('/elsewhere');
});

test('a profile whose database lies elsewhere is refused', () => {
  expect(() => {
    requireOwnDatabase(profileAt('/data/prod.duckdb'), '/data/dream');
  }).toThrow(/outside the tour/);
  requireOwnDatabase(profileAt('/data/dream/dev.duckdb'), '/data/dream');
  requireOwnDatabase(profileAt(':memory:'), '/data/dream');
});
