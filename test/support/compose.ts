import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.string().optional(),
      environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

/** A file of the repository. */
export const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
/** docker-compose.yml as it is written, and as it is read. */
export const text = read('docker-compose.yml');
export const compose = Compose.parse(parse(text));
export const services = Object.entries(compose.services);
