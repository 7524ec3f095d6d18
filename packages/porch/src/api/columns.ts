import type { TableColumn } from '@porch/apiserver';

/** A column that `kubectl get` always shows. */
export function column(name: string, type: TableColumn['type'], description: string): TableColumn {
  return { name, type, format: '', description, priority: 0 };
}

/** The first column of every table. */
export const nameColumn: TableColumn = { ...column('Name', 'string', 'Name of the object.'), format: 'name' };

/** The time since an object was created. */
export const ageColumn: TableColumn = column('Age', 'string', 'Time since the object was created.');
