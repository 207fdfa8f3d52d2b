import { Validations, type App } from 'aws-cdk-lib'
import { AwsSolutionsChecks, ServerlessChecks, type IApplyRule } from 'cdk-nag'

/**
 * The rule packs that every synthesis runs. A finding that stands needs an acknowledgement with its reason, beside the
 * construct it is about.
 */
export function addSecurityChecks(app: App): void {
  Validations.of(app).addPlugins(new ReadableAwsSolutionsChecks(app), new ServerlessChecks(app))
}

/**
 * cdk-nag names a wildcard by the reference as CloudFormation sees it, with the export names of the environment in it.
 * Here it is named for what it is, `<Datasets>/seeds/*`, so that one acknowledgement holds for every environment and a
 * reader sees what it lets pass.
 */
class ReadableAwsSolutionsChecks extends AwsSolutionsChecks {
  protected override applyRule(params: IApplyRule): void {
    super.applyRule({
      ...params,
      ruleSuffixOverride: params.ruleSuffixOverride ?? params.rule.name,
      rule: (node) => {
        const found = params.rule(node)
        return Array.isArray(found) ? [...new Set(found.map(readable))] : found
      },
    })
  }
}

function readable(finding: string): string {
  return finding
    .replace(/[\w-]+:ExportsOutput(?:Ref|FnGetAtt)([A-Za-z]+?)(?:Bucket)?[0-9A-F]{8}(?:Arn)?[0-9A-F]{8}/g, '<$1>')
    .replace(/<SiteBucket[0-9A-F]{8}\.Arn>/g, '<SiteBucket>')
    .replace(/arn:aws:s3:::cdk-[a-z0-9]+-assets-.*?(?=\/)/g, '<CdkAssets>')
}
