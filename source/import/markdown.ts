import { Lexer, type MarkedToken, type Token } from 'marked';
import { parse as parseYaml } from 'yaml';
import { dropEmpty, type Draft, type LeftOut } from './format.ts';
import { readTime } from './time.ts';

const FRONT_MATTER = /^---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)/s;
/** A line of a CLAUDE.md that takes in another file. */
const REFERENCE = /^@\S+$/;

/**
 * The memories of a Markdown file, CLAUDE.md for example: each bullet of a list, with what is nested in it, and else what
 * stands between two lists or headings, a block of code whole. Headings become tags and, with a line that introduces a list, context.
 */
export function readMarkdown(text: string): (Draft | LeftOut)[] {
  const [matter = '', yaml = ''] = FRONT_MATTER.exec(text) ?? [];
  const front = readFrontMatter(yaml);
  return new Reading(front).read(new Lexer().lex(text.slice(matter.length)));
}

interface FrontMatter {
  readonly tags: readonly string[];
  readonly createdAt: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

class Reading {
  readonly #found: (Draft | LeftOut)[] = [];
  /** The headings around a block, from the outermost. */
  #headings: { readonly depth: number; readonly text: string }[] = [];
  /** What stands together and has not become a memory yet. */
  #section: string[] = [];
  readonly #front: FrontMatter;

  constructor(front: FrontMatter) {
    this.#front = front;
  }

  read(tokens: readonly Token[]): (Draft | LeftOut)[] {
    for (const token of tokens as readonly MarkedToken[]) this.#take(token);
    this.#endSection();
    return this.#found;
  }

  #take(token: MarkedToken): void {
    switch (token.type) {
      case 'heading':
        this.#endSection();
        this.#headings = this.#headings.filter(({ depth }) => depth < token.depth);
        this.#headings.push({ depth: token.depth, text: token.text.trim() });
        break;
      case 'list': {
        const introduction =
          this.#section.length === 1 && /:\s*$/.test(this.#section[0] ?? '') ? this.#section.pop() : '';
        this.#endSection();
        for (const { raw } of token.items) this.#add(withoutBullet(raw), introduction);
        break;
      }
      case 'hr':
        this.#endSection();
        break;
      case 'html':
        if (/^\s*<!--/.test(token.raw)) this.#found.push({ leftOut: 'comment' });
        else this.#section.push(token.raw.trim());
        break;
      case 'def':
        this.#found.push({ leftOut: 'link definition' });
        break;
      case 'space':
        break;
      default:
        if (REFERENCE.test(token.raw.trim())) this.#found.push({ leftOut: 'reference to another file' });
        else this.#section.push(token.raw.trimEnd());
    }
  }

  #endSection(): void {
    if (this.#section.length > 0) this.#add(this.#section.join('\n\n'));
    this.#section = [];
  }

  #add(content: string, introduction = ''): void {
    if (content.trim() === '') {
      this.#found.push({ leftOut: 'empty bullet' });
      return;
    }
    const headings = this.#headings.map(({ text }) => text).filter((text) => text !== '');
    const context = [...headings, introduction.replace(/:\s*$/, '').trim()].filter((part) => part !== '').join(' > ');
    const { tags, createdAt, metadata } = this.#front;
    this.#found.push({
      sourceId: headings.join('\n'),
      placed: true,
      content,
      createdAt,
      tags: [...new Set([...tags, ...headings.map((heading) => heading.toLowerCase())])],
      context: context === '' ? null : context,
      metadata,
    });
  }
}

/** The text of a bullet, what is nested in it moved to the left; a box `[x]` stays, it says whether it is done. */
function withoutBullet(raw: string): string {
  const [bullet = ''] = /^\s*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)/.exec(raw) ?? [];
  const indent = new RegExp(`^ {1,${Math.max(1, bullet.length)}}`, 'gm');
  return raw.slice(bullet.length).replace(indent, '').trim();
}

/** YAML between two lines of `---`; what cannot be read of it is left out. */
function readFrontMatter(yaml: string): FrontMatter {
  const fields = parseFields(yaml);
  const { tags, created, created_at, date, ...others } = fields;
  const list = Array.isArray(tags) ? tags : typeof tags === 'string' ? tags.split(',') : [];
  return {
    tags: list.map((tag) => String(tag).trim()).filter((tag) => tag !== ''),
    createdAt: readTime(created_at ?? created ?? date),
    metadata: dropEmpty(others),
  };
}

function parseFields(yaml: string): Record<string, unknown> {
  try {
    const fields: unknown = parseYaml(yaml, { schema: 'core' });
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? { ...fields } : {};
  } catch {
    return {};
  }
}
