/** A column of a table or view. What is read here is held against PostgreSQL by test/docs/querying-dreams.test.ts. */
export interface Column {
  readonly relation: string;
  readonly name: string;
  readonly meaning: string;
}

/** What `comment on` says of tables, views and columns; a later migration may say it again. */
export function readComments(sql: string) {
  const found = [...sql.matchAll(/^comment on (table|view|column) dreams\.([\w.]+) is '((?:[^']|'')*)';$/gm)];
  const said = new Map(
    found.map(([, kind = '', name = '', text = '']) => [name, { kind, name, meaning: text.replaceAll("''", "'") }]),
  );
  const relations = [...said.values()].filter(({ kind }) => kind !== 'column');
  const columns = [...said.values()]
    .filter(({ kind }) => kind === 'column')
    .map(({ name, meaning }): Column => {
      const [relation = '', column = ''] = name.split('.');
      return { relation, name: column, meaning };
    });
  return { relations, columns };
}

/**
 * The types of columns by `table.column`, as `create table` and `alter table ... add column` give them; of a view over one table as it
 * casts them, or as the table has them.
 */
export function readTypes(sql: string): Map<string, string> {
  const created = [...sql.matchAll(/^ *create table (?:if not exists )?dreams\.(\w+) \(\n(.*?)^ *\)/gms)].flatMap(
    ([, table = '', body = '']) =>
      [...body.matchAll(/^ +(?!primary\b)(\w+) ([^,\n]+)/gm)].map(([, column = '', type = '']) => [
        table,
        column,
        type,
      ]),
  );
  const added = [...sql.matchAll(/\balter table dreams\.(\w+) add column (?:if not exists )?(\w+) ([^,;\n]+)/g)];
  const types = new Map(
    [...created, ...added.map(([, ...parts]) => parts)].map(([table = '', column = '', type = '']) => [
      `${table}.${column}`,
      type.replace(/ (?:not null|check|default|primary).*$/, ''),
    ]),
  );
  for (const [, view = '', list = '', table = ''] of sql.matchAll(ONE_TABLE_VIEW)) {
    for (const [, type = '', name = ''] of list.matchAll(/::(\w+) as (\w+)/g)) types.set(`${view}.${name}`, type);
    for (const [name] of list.matchAll(/(?<=^|,\s*)\w+(?=,|$)/g))
      types.set(`${view}.${name}`, types.get(`${table}.${name}`) ?? '');
  }
  return types;
}

const ONE_TABLE_VIEW =
  /\bcreate view dreams\.(\w+) as\s+select ((?:(?!\sfrom ).)*)\sfrom dreams\.(\w+)\s+(?:group by|where|order by)/gs;

/** Columns that a view picks from tables by name: `select n.src, s.content as src_content ... from dreams.semantic_network n`. */
export function readViewColumns<Described extends Column>(sql: string, columns: readonly Described[]): Described[] {
  const views = [...sql.matchAll(/\bcreate (?:or replace )?view dreams\.(\w+) as\s+select (.*?)\sfrom (.*?);/gs)];
  return views.flatMap(([, view = '', list = '', from = '']) => {
    const tables = new Map(
      [...from.matchAll(/dreams\.(\w+) (\w+)/g)].map(([, table = '', alias = '']) => [alias, table]),
    );
    return [...list.matchAll(/(\w+)\.(\w+)(?: as (\w+))?/g)].flatMap(([, alias = '', column = '', name = column]) => {
      const source = columns.find((each) => each.relation === tables.get(alias) && each.name === column);
      return source === undefined ? [] : [{ ...source, relation: view, name }];
    });
  });
}
