/** How a person finds an object of S3. */
export const s3Location = (bucket: string, key: string): string => `s3://${bucket}/${key}`
