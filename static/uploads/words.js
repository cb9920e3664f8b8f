/* Sizes and times in the language of the page, and words with what they are about filled in. */
const language = document.documentElement.lang || 'en';
const units = [['gigabyte', 1024 ** 3], ['megabyte', 1024 ** 2], ['kilobyte', 1024]];
export const bytes = count => {
  const [unit, size] = units.find(([, size]) => count >= size) || units[2];
  const digits = unit === 'kilobyte' ? 0 : 1;
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(count / size).replace('kB', 'KB');
};
export const time = seconds => {
  const part = (value, unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
  if (seconds < 60) return part(Math.max(1, Math.round(seconds)), 'second');
  if (seconds < 3600) return part(Math.floor(seconds / 60), 'minute') + ' ' + part(Math.floor(seconds % 60), 'second');
  return part(Math.floor(seconds / 3600), 'hour') + ' ' + part(Math.floor(seconds % 3600 / 60), 'minute');
};
export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
