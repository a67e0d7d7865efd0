import type { LaunchTemplate } from "../../../model/launch-template.ts";
import { invalidParameterCombination, launchTemplateNameNotFound } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { describeTemplate } from "./launches/launch-template-description.ts";
import { chosen } from "./record-lookup.ts";

const FILTERS: FilterTable<ec2.LaunchTemplate> = {
	"create-time": ({ CreateTime }) => CreateTime?.toISOString(),
	"launch-template-name": ({ LaunchTemplateName }) => LaunchTemplateName,
};

const PAGES = { min: 1, max: 200 };

/** Launch templates by id, by name, or all; in pages (control-apis.md §2.10). */
export const DescribeLaunchTemplates: Ec2Operation<"DescribeLaunchTemplates"> = {
	run({ LaunchTemplateIds, LaunchTemplateNames, Filters, MaxResults, NextToken }, call) {
		if (LaunchTemplateIds !== undefined && LaunchTemplateNames !== undefined) {
			throw invalidParameterCombination("Specify either LaunchTemplateIds or LaunchTemplateNames, but not both.");
		}
		const described = named(LaunchTemplateIds, LaunchTemplateNames, call).map(describeTemplate);
		const request = { Filters, MaxResults, NextToken };
		const { items, nextToken } = filteredPage(described, request, FILTERS, ({ LaunchTemplateId }) => LaunchTemplateId, PAGES);
		return { LaunchTemplates: items, NextToken: nextToken };
	},
};

function named(ids: readonly string[] | undefined, names: readonly string[] | undefined, { records }: Call): readonly LaunchTemplate[] {
	const all = [...records["launch-template"].values()];
	if (ids !== undefined) return chosen("launch-template", ids, records["launch-template"]);
	if (names === undefined) return all;
	const unknown = names.find((name) => !all.some(({ launchTemplateName }) => launchTemplateName === name));
	if (unknown !== undefined) throw launchTemplateNameNotFound(unknown);
	return all.filter(({ launchTemplateName }) => names.includes(launchTemplateName));
}
