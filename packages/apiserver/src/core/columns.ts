import type { TableColumn } from '../registry/resource.ts';

/** A column that `kubectl get` always shows. */
export function column(name: string, type: TableColumn['type'], description: string): TableColumn {
  return { name, type, format: '', description, priority: 0 };
}

/** A column that `kubectl get -o wide` shows. */
export function wideColumn(name: string, type: TableColumn['type'], description: string): TableColumn {
  return { ...column(name, type, description), priority: 1 };
}

/** The first column of every table. */
export const nameColumn: TableColumn = { ...column('Name', 'string', 'Name of the object.'), format: 'name' };

/** The time since an object was created. */
export const ageColumn: TableColumn = column('Age', 'string', 'Time since the object was created.');
