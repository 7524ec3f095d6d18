/** The columns that many tables have; they are the library's. */
export { ageColumn, column, nameColumn, wideColumn } from '@porch/apiserver';
